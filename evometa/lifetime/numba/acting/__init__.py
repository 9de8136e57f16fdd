"""Lives that act, on the processor: a driver beside that of lives with examples, compiled when first asked for."""
