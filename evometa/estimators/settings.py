"""An estimator's parameters, checked: anything is taken when it is constructed, and refused, if it must be, in fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from evometa.config.coefficient import CoefficientName
from evometa.config.network import Width
from evometa.config.reals import Scale, Single
from evometa.config.section import Section, describe, show
from evometa.errors import InputError
from evometa.language.signals import COEFFICIENTS, PLASTICITY, READABLE
from evometa.language.text import parse_rule
from evometa.language.tree import Tree, join, leaf
from evometa.lifetime import F32, Metric
from evometa.lifetime.comparison import PLAIN
from evometa.spec import SLOTS
from evometa.spec.choices import ActivationName, ClassifierChoice, ComparisonName, CreditName, SlotName

Parameters = Mapping[str, Any]
"""An estimator's parameters by name, as scikit-learn has them."""

ARRAYS = {"innate_weights": 1, "feedback_weights": 1, "plasticity": 2}  # parameters that are arrays, and their axes


class Settings(Section):
    """What an estimator's parameters may be, arrays and `random_state` aside; the estimator says what they mean."""

    rule: str | dict[SlotName, str]
    coefficients: tuple[Single, ...] = Field(max_length=len(COEFFICIENTS))
    hidden: tuple[Width, ...] | None = Field(max_length=16)
    activation: ActivationName
    recurrent: bool
    credit: CreditName
    topology: str | None
    init: Literal["normal", "uniform", "he", "glorot", "zeros"]
    scale: float = Field(ge=0, le=1e6)
    bound: Scale
    synapse_cost: float = Field(default=0.0, ge=0, le=1e6)  # files of earlier versions have none
    batch: int = Field(ge=1, le=1_000_000)
    epochs: int | None = Field(ge=1, le=1_000_000)
    updates: int | None = Field(ge=1, le=1_000_000_000)
    shuffle: bool
    learning_rate: float = Field(ge=0, le=1e30)
    standardize: bool
    head: ClassifierChoice = "auto"

    @property
    def metric(self) -> Metric:
        """How examples are compared, where they are."""
        return PLAIN

    def trees(self, where: str) -> dict[str, Tree]:
        """Return the rule's trees, Δw times the learning rate. Raises InputError for what is no rule."""
        texts = {"update": self.rule} if isinstance(self.rule, str) else {str(k): v for k, v in self.rule.items()}
        found = parse_rule(texts, f"{where}: rule")
        if "update" not in found:
            raise InputError("a rule with the slot update", f"only {', '.join(found) or 'nothing'}", f"{where}: rule")
        if self.learning_rate != 1:
            found["update"] = join("mul", leaf(self.learning_rate), found["update"])
        return found


class FewShotSettings(Settings):
    """What the parameters of an estimator that compares may be."""

    updates: int | None = Field(ge=0, le=1_000_000_000)
    head: ComparisonName
    embedding: Width
    metric_scale: Scale | CoefficientName
    metric_norm: Annotated[float, Field(ge=0, le=1)] | CoefficientName
    metric_log_ridge: Annotated[float, Field(ge=-20, le=20)] | CoefficientName = 0.0  # earlier files have none

    @property
    def metric(self) -> Metric:
        """How examples are compared."""
        return Metric.of(self.metric_scale, self.metric_norm, self.metric_log_ridge)


def checked(parameters: Parameters, where: str) -> Settings:
    """Return the parameters, checked; `where`: the estimator's name. Raises InputError for the first that is wrong."""
    kind = FewShotSettings if "embedding" in parameters else Settings
    given = {name: plain(parameters[name]) for name in kind.model_fields if name in parameters}
    try:
        settings = kind.model_validate(given)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        name = str(detail["loc"][0])
        expected = describe(kind.model_fields[name])
        if name == "rule":
            expected = f"a rule's text, or a table of texts by slot ({', '.join(SLOTS)})"
        raise InputError(expected, show(given[name]), f"{where}: {name}") from None
    if settings.epochs is None and settings.updates is None:
        raise InputError("epochs or updates", "neither", f"{where}: epochs", "Give one of the two.")
    reads: frozenset[str] = frozenset().union(*(tree.signals() for tree in settings.trees(where).values()))
    _check_numbers(reads, COEFFICIENTS, len(settings.coefficients), f"{where}: coefficients")
    if isinstance(settings, FewShotSettings):
        _check_comparison(settings, reads, where)
    rows = array(parameters, "plasticity", where)
    _check_numbers(reads, PLASTICITY, 0 if rows is None else len(rows), f"{where}: plasticity")
    return settings


def _check_comparison(settings: FewShotSettings, reads: frozenset[str], where: str) -> None:
    """Refuse a metric of coefficients that there are not, and a rule that reads what outputs have none of."""
    for name in ("metric_scale", "metric_norm", "metric_log_ridge"):
        value, count = getattr(settings, name), len(settings.coefficients)
        if isinstance(value, str) and int(value[1:]) >= count:
            raise InputError(f"a number, or one of {count} coefficients, from c0 on", show(value), f"{where}: {name}")
    if "target" in reads:
        raise InputError("a rule without target: outputs are an embedding, and have none", "one", f"{where}: rule")


def check_batch(rule: Mapping[str, Tree], batch: int, where: str) -> None:
    """Refuse signals of a single example in larger batches, with InputError."""
    single = sorted(
        {name for slot, tree in rule.items() if slot != "loss" for name in tree.signals() if READABLE[name].single}
    )
    if batch > 1 and single:
        raise InputError(
            f"1, as the rule reads {', '.join(single)}, which one example alone has", str(batch), f"{where}: batch"
        )


def array(parameters: Parameters, name: str, where: str) -> F32 | None:
    """Return an array parameter in float32, or None; InputError where it is not one of finite numbers."""
    value, axes = parameters[name], ARRAYS[name]
    if value is None:
        return None
    try:
        found = np.asarray(value, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError("an array of numbers", str(error), f"{where}: {name}") from None
    if found.ndim != axes or not np.isfinite(found).all():
        raise InputError(
            f"finite numbers in {axes} {'axis' if axes == 1 else 'axes'}", _shape(found), f"{where}: {name}"
        )
    return found


def _shape(found: F32) -> str:
    return f"an array of shape {found.shape}, {int((~np.isfinite(found)).sum())} of them not finite"


def _check_numbers(reads: frozenset[str], names: tuple[str, ...], count: int, where: str) -> None:
    """Refuse a rule that reads more of c0, c1, … (or p0, p1, …) than there are."""
    missing = [name for name in names[count:] if name in reads]
    if missing:
        raise InputError(f"a value for {missing[-1]}, which the rule reads", f"{count} values", where)


def plain(value: Any) -> Any:
    """Return a parameter in plain types: of NumPy's numbers and arrays, of lists and mappings."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return tuple(plain(one) for one in value) if isinstance(value, (list, tuple)) else value
