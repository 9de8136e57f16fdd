"""Transcendental functions as float32 formulas of our own, the same bits on every backend.

Each is a list of single assignments in the native vocabulary (native.py), one text valid in Python and in CUDA C.
The largest errors quoted are measured (tests/language/test_accuracy.py); an ulp is that of the exact result.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Helper:
    """A float32 formula over `x`: `lines` of "name = expression" in single assignments, then the `result`.

    `framework`: what it is of `a` in a framework `{m}` that has the function itself (tests compare both).
    """

    name: str
    lines: tuple[str, ...]
    result: str
    meaning: str
    framework: str


_WHOLE = "F(12582912.0)"  # 1.5·2^23: adding and subtracting it rounds to a whole number


def _clamp(bound: str, value: str = "x") -> str:
    """Hold a value within ± bound so that NaN stays NaN (no comparison with NaN holds)."""
    return f"select({value} < F(-{bound}), F(-{bound}), select({value} > F({bound}), F({bound}), {value}))"


def _horner(variable: str, *coefficients: str) -> str:
    """A polynomial, highest power first."""
    text = f"F({coefficients[0]})"
    for coefficient in coefficients[1:]:
        text = f"({text} * {variable} + F({coefficient}))"
    return text


_EXP = Helper(
    "exp_f",
    (
        "y = select(x < F(-87.0), F(-87.0), select(x > F(88.0), F(88.0), x))",
        f"n = (y * F(1.44269504) + {_WHOLE}) - {_WHOLE}",
        "r = (y - n * F(0.693359375)) - n * F(-2.12194440e-4)",
        "p = " + _horner("r", "1.9875691500e-4", "1.3981999507e-3", "8.3334519073e-3", "4.1665795894e-2",
                         "1.6666665459e-1", "5.0000001201e-1"),
    ),
    "(p * (r * r) + r + F(1.0)) * pow2(n)",
    "e^x with x held within [-87, 88], within 1 ulp (polynomial: Cephes expf)",
    "{m}.exp({m}.clip(a, -87.0, 88.0))",
)  # fmt: skip

_LOG = Helper(
    "log_f",
    (
        "t = fabs(x)",
        "y = select(t < F(1.1754943508222875e-38), F(1.1754943508222875e-38), t)",
        "m = mantissa(y)",
        "e = exponent(y)",
        "f = select(m > F(1.4142135623730951), m * F(0.5), m) - F(1.0)",
        "n = select(m > F(1.4142135623730951), e + F(1.0), e)",
        "z = f * f",
        "p = " + _horner("f", "7.0376836292e-2", "-1.1514610310e-1", "1.1676998740e-1", "-1.2420140846e-1",
                         "1.4249322787e-1", "-1.6668057665e-1", "2.0000714765e-1", "-2.4999993993e-1",
                         "3.3333331174e-1"),
        "v = ((f * z * p + n * F(-2.12194440e-4)) - F(0.5) * z) + f",
    ),
    "select(t <= F(3.4028234663852886e38), v + n * F(0.693359375), t)",
    "ln|x| with |x| held at 2^-126 or more, within 1 ulp (polynomial: Cephes logf)",
    "{m}.log({m}.clip({m}.abs(a), 1.1754943508222875e-38))",
)  # fmt: skip

_TANH = Helper(
    "tanh_f",
    (
        f"y = {_clamp('8.1')}",
        "z = y * y",
        "p = " + _horner("z", "2.3104228599746257e-11", "-1.4573832807229792e-08", "9.841734026849736e-06",
                         "0.002982234815135598", "0.12975986301898956", "1.0"),
        "q = " + _horner("z", "0.0002366781118325889", "0.024013493210077286", "0.4630930721759796", "1.0"),
    ),
    "y * (p / q)",
    "hyperbolic tangent, exactly odd, never beyond ±1, within 5.3 ulp (rational minimax fit in x² on [0, 8.1])",
    "{m}.tanh(a)",
)  # fmt: skip

_SIGMOID = Helper(
    "sigmoid_f",
    ("e = exp_f(-x)",),
    "F(1.0) / (F(1.0) + e)",
    "logistic function 1/(1 + e^-x), within 2.5 ulp",
    "1.0 / (1.0 + {m}.exp({m}.clip(-a, -87.0, 88.0)))",
)

# Cody and Waite's reduction by π/2 in three parts: r = y - n·π/2, exact products for |n| < 2^15.
_REDUCTION = (
    f"y = {_clamp('32768.0')}",
    f"n = (y * F(0.636619772367581) + {_WHOLE}) - {_WHOLE}",
    "r = ((y - n * F(1.5703125)) - n * F(4.837512969970703e-4)) - n * F(7.549789948768648e-8)",
    "z = r * r",
    "s = r + r * z * " + _horner("z", "-1.9515295891e-4", "8.3321608736e-3", "-1.6666654611e-1"),
    "k = (F(1.0) - F(0.5) * z) + z * z * "
    + _horner("z", "2.443315711809948e-5", "-1.388731625493765e-3", "4.166664568298827e-2"),
)


def _quadrant(turns: str) -> tuple[str, ...]:
    """Pick ± sine or cosine of the remainder by `turns` modulo 4."""
    return (
        f"m = {turns}",
        f"h = ((m * F(0.25) - F(0.375)) + {_WHOLE}) - {_WHOLE}",
        "q = m - F(4.0) * h",
    )


_BY_QUADRANT = "select(q == F(1.0), k, select(q == F(2.0), -s, select(q == F(3.0), -k, s)))"

_SIN = Helper(
    "sin_f",
    (*_REDUCTION, *_quadrant("n")),
    _BY_QUADRANT,
    "sine of x in radians, x held within ±32768, within 1.6 ulp to ±100, 5e-7 beyond (Cephes sinf, cosf)",
    "{m}.sin({m}.clip(a, -32768.0, 32768.0))",
)

_COS = Helper(
    "cos_f",
    (*_REDUCTION, *_quadrant("n + F(1.0)")),
    _BY_QUADRANT,
    "cosine of x in radians, x held within ±32768, within 1.6 ulp to ±100, 5e-7 beyond (Cephes sinf, cosf)",
    "{m}.cos({m}.clip(a, -32768.0, 32768.0))",
)

HELPERS: dict[str, Helper] = {helper.name: helper for helper in (_EXP, _LOG, _TANH, _SIGMOID, _SIN, _COS)}
