"""A Numba type for 16 float32 lanes, with the vocabulary in which primitives are written.

Why: plain Numba loops of fixed length compile to scalar code, and loops of run-time length pay for alias
checks. A value of this type lives in one vector register (two or four on narrower CPUs), so kernel code
reads like scalar code and every operator is one vector instruction, in strict IEEE float32: LLVM may neither
reorder nor fuse anything, a multiply-add is fused only where `fmaf` says so.

Vocabulary (the same words as in the reference and in CUDA): operators + - * / unary -, comparisons, and
`F select sqrt fabs fmaf pow2 exponent mantissa`. `address` turns an array into what `load` and `store` (16
lanes), `at` and `put` (one integer) and `number` (one float) take; none of them checks bounds. With the JIT
disabled the same names are NumPy functions on 16 numbers, slow, with the same bits.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding
from numba import config

from evometa.language import native

LANES = 16
WIDE = bool(binding.get_host_cpu_features().get("avx512f"))  # whether 32 registers of 16 lanes are there

if config.DISABLE_JIT:  # type: ignore[attr-defined]
    F, select, sqrt, fabs, fmaf = native.F, native.select, native.sqrt, native.fabs, native.fmaf
    pow2, exponent, mantissa = native.pow2, native.exponent, native.mantissa

    def load(array: Any, start: int) -> Any:
        """Return 16 lanes of a flat array."""
        return array[start : start + LANES].copy()

    def gather(array: Any, start: int, places: Any, step: int) -> Any:
        """Return 16 lanes, lane i at `start + i + places[i] * step`."""
        return array[start + np.arange(LANES) + places[:LANES].astype(np.int64) * step]

    def look(array: Any, start: int, places: Any, step: int, apart: int) -> Any:
        """Return 16 lanes, lane i at `start + i * apart + places[i] * step`, places in a vector, truncated."""
        return array[start + np.arange(LANES) * apart + places.astype(np.int64) * step]

    def store(array: Any, start: int, value: Any) -> None:
        """Write 16 lanes to a flat array."""
        array[start : start + LANES] = value

    def address(array: Any) -> Any:
        """Return what load, store, at, put and number take in place of an array: here, the array."""
        return array.reshape(-1)

    def addresses(arrays: Any) -> Any:
        """Return the addresses of a named tuple's arrays under the same names; what is no array stays as it is."""
        return arrays._make(address(one) if isinstance(one, np.ndarray) else one for one in arrays)

    def skip(array: Any, count: int) -> Any:
        """Return the address `count` elements on."""
        return array[count:]

    def at(array: Any, index: int) -> int:
        """Return one integer."""
        return int(array[index])

    def put(array: Any, index: int, value: int) -> None:
        """Write one integer."""
        array[index] = value

    def number(array: Any, index: int) -> Any:
        """Return one float32."""
        return array[index]

    def tree(x: Any) -> Any:
        """Return the sum of 16 lanes: halves are added, and halves of these, to the last."""
        while len(x) > 1:
            x = x[: len(x) // 2] + x[len(x) // 2 :]
        return x[0]

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

    def _pointer(builder: Any, base: Any, index: Any, target: Any) -> Any:
        return builder.bitcast(builder.gep(base, [index]), target.as_pointer())

    @intrinsic
    def address(typing: Any, array: Any) -> Any:
        """Return the address of a contiguous array's first element.

        Kernels hand addresses around, not arrays: an array argument costs two atomic reference counts at every
        call, which took a third of the time of small nets.
        """

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return context.make_array(sig.args[0])(context, builder, args[0]).data

        return types.CPointer(array.dtype)(array), build

    @intrinsic
    def addresses(typing: Any, arrays: Any) -> Any:
        """Return the addresses of a named tuple's arrays under the same names; what is no array stays as it is."""
        kinds = [types.CPointer(kind.dtype) if isinstance(kind, types.Array) else kind for kind in arrays]
        kind = types.BaseTuple.from_types(kinds, arrays.instance_class)

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            values = []
            for own, value in zip(arrays, cgutils.unpack_tuple(builder, args[0]), strict=True):
                is_array = isinstance(own, types.Array)
                values.append(context.make_array(own)(context, builder, value).data if is_array else value)
            return context.make_tuple(builder, sig.return_type, values)

        return kind(arrays), build

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
    def skip(typing: Any, base: Any, count: Any) -> Any:
        """Return the address `count` elements on."""
        return base(base, types.intp), lambda c, b, s, args: b.gep(args[0], [args[1]])

    @intrinsic
    def load(typing: Any, base: Any, start: Any) -> Any:
        """Return 16 lanes from a float32 address (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.load(_pointer(builder, args[0], args[1], FLOATS), align=4)

        return vector(base, types.intp), build

    @intrinsic
    def gather(typing: Any, base: Any, start: Any, places: Any, step: Any) -> Any:
        """Return 16 lanes from a float32 address, lane i at `start + i + places[i] * step` (i32, no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            address, start, places, step = args
            chosen = builder.load(_pointer(builder, places, ir.Constant(ir.IntType(64), 0), INTS), align=4)
            lanes = ir.Constant(FLOATS, ir.Undefined)
            for lane in range(LANES):
                number = ir.Constant(ir.IntType(32), lane)
                place = builder.sext(builder.extract_element(chosen, number), ir.IntType(64))
                place = builder.add(builder.add(start, ir.Constant(ir.IntType(64), lane)), builder.mul(place, step))
                lanes = builder.insert_element(lanes, builder.load(builder.gep(address, [place])), number)
            return lanes

        return vector(base, types.intp, places, types.intp), build

    @intrinsic
    def look(typing: Any, base: Any, start: Any, places: Any, step: Any, apart: Any) -> Any:
        """Return 16 lanes from a float32 address, lane i at `start + i * apart + places[i] * step` (no bounds check).

        `places`: a vector, of which each number is truncated.
        """

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            address, start, places, step, apart = args
            chosen, lanes = builder.fptosi(places, INTS), ir.Constant(FLOATS, ir.Undefined)
            for lane in range(LANES):
                number = ir.Constant(ir.IntType(32), lane)
                place = builder.mul(builder.sext(builder.extract_element(chosen, number), ir.IntType(64)), step)
                place = builder.add(builder.add(start, place), builder.mul(apart, ir.Constant(ir.IntType(64), lane)))
                lanes = builder.insert_element(lanes, builder.load(builder.gep(address, [place])), number)
            return lanes

        return vector(base, types.intp, vector, types.intp, types.intp), build

    @intrinsic
    def store(typing: Any, base: Any, start: Any, value: Any) -> Any:
        """Write 16 lanes to a float32 address (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            builder.store(args[2], _pointer(builder, args[0], args[1], FLOATS), align=4)
            return context.get_dummy_value()

        return types.void(base, types.intp, vector), build

    @intrinsic
    def at(typing: Any, base: Any, index: Any) -> Any:
        """Return one integer from an address as an index (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            value = builder.load(builder.gep(args[0], [args[1]]))
            if value.type.width == 64:
                return value
            signed = sig.args[0].dtype.signed
            return (builder.sext if signed else builder.zext)(value, ir.IntType(64))

        return types.intp(base, types.intp), build

    @intrinsic
    def put(typing: Any, base: Any, index: Any, value: Any) -> Any:
        """Write one int64 to an address (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            builder.store(args[2], builder.gep(args[0], [args[1]]))
            return context.get_dummy_value()

        return types.void(base, types.intp, types.intp), build

    @intrinsic
    def number(typing: Any, base: Any, index: Any) -> Any:
        """Return one float32 from an address (no bounds check)."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.load(builder.gep(args[0], [args[1]]))

        return types.float32(base, types.intp), build

    @intrinsic
    def tree(typing: Any, x: Any) -> Any:
        """Return the sum of 16 lanes: halves are added, and halves of these, to the last."""

        def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            rows = args[0]
            for half in (8, 4, 2, 1):
                low, high = (
                    builder.shuffle_vector(
                        rows, ir.Constant(rows.type, ir.Undefined),
                        ir.Constant(ir.VectorType(ir.IntType(32), half), list(range(first, first + half))),
                    )
                    for first in (0, half)
                )  # fmt: skip
                rows = builder.fadd(low, high)
            return builder.extract_element(rows, ir.Constant(ir.IntType(32), 0))

        return types.float32(vector), build


def lanes_of(count: int) -> int:
    """Return the number of lanes rounded up to whole vectors."""
    return -(-count // LANES) * LANES


__all__ = [
    *(
        "LANES",
        "WIDE",
        "F",
        "address",
        "addresses",
        "at",
        "exponent",
        "fabs",
        "fmaf",
        "gather",
        "lanes_of",
        "load",
        "look",
        "mantissa",
        "number",
        "pow2",
        "put",
    ),
    *("select", "skip", "sqrt", "store", "tree"),
]
