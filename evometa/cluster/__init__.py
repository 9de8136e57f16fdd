"""Lifetimes on several machines: cut into slices (`slices`), handed out (`dispatch`), lived by workers (`worker`).

What engine carries them is behind one door, a `Pool`; `dask_pool` is the one there is. `executor` puts it together.
A slice is a pure function of arrays: which machine lives it, when, and how often changes no bit of a run.
"""
