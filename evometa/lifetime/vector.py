"""A Numba type for 16 float32 lanes, with the vocabulary in which primitives are written.

Why: plain Numba loops of fixed length compile to scalar code, and loops of run-time length pay for alias
checks. A value of this type lives in one vector register (two or four on narrower CPUs), so kernel code
reads like scalar code and every operator is one vector instruction, in strict IEEE float32: LLVM may neither
reorder nor fuse anything, a multiply-add is fused only where `fmaf` says so.

Vocabulary (the same words as in the reference and in CUDA): operators + - * / unary -, comparisons, and
`F select sqrt fabs fmaf pow2 exponent mantissa`; `load` and `store` move lanes from and to a flat array,
`at` reads one integer; none of the three checks bounds. With the JIT disabled the same names are NumPy
functions on 16 numbers, slow, with the same bits.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from numba import config

from evometa.language import native

LANES = 16

if config.DISABLE_JIT:
    F, select, sqrt, fabs, fmaf = native.F, native.select, native.sqrt, native.fabs, native.fmaf
    pow2, exponent, mantissa = native.pow2, native.exponent, native.mantissa

    def load(array: Any, start: int) -> Any:
        """Return 16 lanes of a flat array."""
        return array[start : start + LANES].copy()

    def store(array: Any, start: int, value: Any) -> None:
        """Write 16 lanes to a flat array."""
        array[start : start + LANES] = value

    def at(array: Any, index: int) -> int:
        """Return one integer."""
        return int(array[index])

else:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.core.imputils import lower_builtin
    from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
    from numba.extending import intrinsic, models, register_model

    FLOATS = ir.VectorType(ir.FloatType(), LANES)
    INTS = ir.VectorType(ir.IntType(32), LANES)
    BITS = ir.VectorType(ir.IntType(1), LANES)

    class Vector(types.Type):
        """16 float32 lanes."""

        def __init__(self) -> None:
            super().__init__(name="f32x16")

    class Mask(types.Type):
        """16 truth values."""

        def __init__(self) -> None:
            super().__init__(name="i1x16")

    @register_model(Vector)
    class VectorModel(models.PrimitiveModel):
        """A vector is one LLVM value."""

        def __init__(self, manager: Any, kind: Any) -> None:
            super().__init__(manager, kind, FLOATS)

    @register_model(Mask)
    class MaskModel(models.PrimitiveModel):
        """A mask is one LLVM value."""

        def __init__(self, manager: Any, kind: Any) -> None:
            super().__init__(manager, kind, BITS)

    vector, mask = Vector(), Mask()

    def _operator(op: Callable[..., Any], result: Any, build: Callable[..., Any], arity: int = 2) -> None:
        """Teach Numba one Python operator on vectors."""

        @infer_global(op)
        class Template(ConcreteTemplate):
            cases = (signature(result, *[vector] * arity),)

        @lower_builtin(op, *[vector] * arity)
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return build(builder, *args)

    _operator(operator.add, vector, lambda b, x, y: b.fadd(x, y))
    _operator(operator.sub, vector, lambda b, x, y: b.fsub(x, y))
    _operator(operator.mul, vector, lambda b, x, y: b.fmul(x, y))
    _operator(operator.truediv, vector, lambda b, x, y: b.fdiv(x, y))
    _operator(operator.neg, vector, lambda b, x: b.fneg(x), arity=1)
    _operator(operator.lt, mask, lambda b, x, y: b.fcmp_ordered("<", x, y))
    _operator(operator.gt, mask, lambda b, x, y: b.fcmp_ordered(">", x, y))
    _operator(operator.le, mask, lambda b, x, y: b.fcmp_ordered("<=", x, y))
    _operator(operator.ge, mask, lambda b, x, y: b.fcmp_ordered(">=", x, y))
    _operator(operator.eq, mask, lambda b, x, y: b.fcmp_ordered("==", x, y))
    _operator(operator.ne, mask, lambda b, x, y: b.fcmp_unordered("!=", x, y))

    def _call(builder: Any, name: str, *args: Any) -> Any:
        """Call an LLVM intrinsic on float vectors."""
        kind = ir.FunctionType(FLOATS, [FLOATS] * len(args))
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v16f32"), args)

    def _ints(values: int) -> Any:
        return ir.Constant(INTS, [values] * LANES)

    def _pow2(b: Any, n: Any) -> Any:
        # NaN has no integer: it becomes 0 here, and the caller's product with NaN stays NaN.
        known = b.select(b.fcmp_ordered("==", n, n), n, ir.Constant(FLOATS, [0.0] * LANES))
        return b.bitcast(b.shl(b.add(b.fptosi(known, INTS), _ints(127)), _ints(23)), FLOATS)

    def _exponent(b: Any, x: Any) -> Any:
        return b.sitofp(b.sub(b.lshr(b.bitcast(x, INTS), _ints(23)), _ints(127)), FLOATS)

    def _mantissa(b: Any, x: Any) -> Any:
        return b.bitcast(b.or_(b.and_(b.bitcast(x, INTS), _ints(0x7FFFFF)), _ints(0x3F800000)), FLOATS)

    def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any, target: Any) -> Any:
        base = context.make_array(kind)(context, builder, array).data
        return builder.bitcast(builder.gep(base, [index]), target.as_pointer())

    @intrinsic
    def F(typing: Any, x: Any) -> Any:
        """Return 16 lanes that all hold a float32 (literals are rounded to float32)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            value = context.cast(builder, args[0], sig.args[0], types.float32)
            first = builder.insert_element(ir.Constant(FLOATS, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
            return builder.shuffle_vector(first, ir.Constant(FLOATS, ir.Undefined), _ints(0))

        return vector(x), build

    @intrinsic
    def select(typing: Any, condition: Any, x: Any, y: Any) -> Any:
        """Return x where the condition holds, else y."""
        return vector(mask, vector, vector), lambda c, b, s, args: b.select(*args)

    @intrinsic
    def sqrt(typing: Any, x: Any) -> Any:
        """Return the correctly rounded square root."""
        return vector(vector), lambda c, b, s, args: _call(b, "sqrt", *args)

    @intrinsic
    def fabs(typing: Any, x: Any) -> Any:
        """Return the absolute value."""
        return vector(vector), lambda c, b, s, args: _call(b, "fabs", *args)

    @intrinsic
    def fmaf(typing: Any, x: Any, y: Any, z: Any) -> Any:
        """Return x·y + z, rounded once."""
        return vector(vector, vector, vector), lambda c, b, s, args: _call(b, "fma", *args)

    @intrinsic
    def pow2(typing: Any, n: Any) -> Any:
        """Return 2ⁿ for integral n in [-126, 127]."""
        return vector(vector), lambda c, b, s, args: _pow2(b, *args)

    @intrinsic
    def exponent(typing: Any, x: Any) -> Any:
        """Return the binary exponent of a positive normal number."""
        return vector(vector), lambda c, b, s, args: _exponent(b, *args)

    @intrinsic
    def mantissa(typing: Any, x: Any) -> Any:
        """Return the mantissa, in [1, 2), of a positive normal number."""
        return vector(vector), lambda c, b, s, args: _mantissa(b, *args)

    @intrinsic
    def load(typing: Any, array: Any, start: Any) -> Any:
        """Return 16 lanes of a flat float32 array (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.load(_pointer(context, builder, sig.args[0], args[0], args[1], FLOATS), align=4)

        return vector(array, types.intp), build

    @intrinsic
    def store(typing: Any, array: Any, start: Any, value: Any) -> Any:
        """Write 16 lanes to a flat float32 array (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            pointer = _pointer(context, builder, sig.args[0], args[0], args[1], FLOATS)
            builder.store(args[2], pointer, align=4)
            return context.get_dummy_value()

        return types.void(array, types.intp, vector), build

    @intrinsic
    def at(typing: Any, array: Any, index: Any) -> Any:
        """Return one int32 or int64 of a flat array as an index (no bounds check, no wrap-around)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            kind = ir.IntType(sig.args[0].dtype.bitwidth)
            value = builder.load(_pointer(context, builder, sig.args[0], args[0], args[1], kind))
            return value if kind.width == 64 else builder.sext(value, ir.IntType(64))

        return types.intp(array, types.intp), build


def lanes_of(count: int) -> int:
    """Return the number of lanes rounded up to whole vectors."""
    return -(-count // LANES) * LANES


__all__ = ["LANES", "F", "at", "exponent", "fabs", "fmaf", "lanes_of", "load", "mantissa", "pow2", "select", "sqrt", "store"]
