"""The CUDA backend: lifetimes on a GPU, and the text that it compiles."""
