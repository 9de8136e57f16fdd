"""Random students in Numba are those of the reference, bit for bit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evometa.lifetime import reference_teaching
from evometa.lifetime.numba.teaching import cpu
from tests.lifetime.cuda.test_teaching import assert_same
from tests.lifetime.students import random_students
from tests.properties import examples


@examples(6)
@given(st.integers(0, 2**32 - 1))
def test_numba_equals_reference(seed: int) -> None:
    batch = random_students(seed)
    assert_same(cpu.teach(*batch), reference_teaching.teach(*batch))
