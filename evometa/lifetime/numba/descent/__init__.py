"""Gradients of lifetimes on the processor: `cpu.descend`, whose kernel is compiled at its first call."""
