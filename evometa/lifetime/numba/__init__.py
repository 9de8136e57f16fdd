"""The Numba backend: lifetimes on the processor."""
