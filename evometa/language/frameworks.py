"""The vocabulary of the primitives, and rows of evometa/spec, in NumPy, PyTorch and JAX as generated code has them.

Arrays there are [examples, outputs]. So `text(head.error, "torch", y="act[-1]", t="y", O="y.shape[1]")` is
([], "(act[-1] - y) * (2.0 / y.shape[1])"), and `text(head.answer, "torch", head.own, z="net")` the framework's own
"torch.softmax(net, dim=1)", where there is one. In NumPy `exp_f` is the function `exp` of a file that defines it, and
so are `in_order`, `largest`, `first_largest`, over axis 1; the results are the bits that ran.
"""

from __future__ import annotations

from collections.abc import Mapping

from evometa.language.formulas import HELPERS
from evometa.language.reductions import spell, whole

_NATIVE = {"select": "{m}.where(a, b, c)", "sqrt": "{m}.sqrt(a)", "fabs": "{m}.abs(a)"}
_OVER = {
    "torch": {
        "sum": "a.sum(dim=1, keepdim=True)",
        "max": "a.amax(dim=1, keepdim=True)",
        "first": "a.argmax(dim=1, keepdim=True)",
    },
    "jnp": {
        "sum": "a.sum(axis=1, keepdims=True)",
        "max": "a.max(axis=1, keepdims=True)",
        "first": "a.argmax(axis=1, keepdims=True)",
    },
}


def _words(module: str) -> dict[str, str]:
    native = {word: template.format(m=module) for word, template in _NATIVE.items()}
    if module == "np":
        over = {"sum": "in_order(a)", "max": "largest(a)", "first": "first_largest(a)"}
        return native | over | {name: f"{name.removesuffix('_f')}(a)" for name in HELPERS}
    held = {name: row.framework.format(m=module) for name, row in HELPERS.items()}
    return native | held | _OVER[module] | {"F": "a"}


WORDS: dict[str, dict[str, str]] = {module: _words(module) for module in ("np", "torch", "jnp")}


def text(row: str, module: str, own: Mapping[str, str] | None = None, **places: str) -> tuple[list[str], str]:
    """Return a row's statements and its result; `places`: what its arrays are called; `own`: the frameworks' words."""
    if own and module in own:
        return [], spell(own[module], places)
    return whole(row, WORDS[module] | places)
