"""Columns of `Programs.columns`, in the order in which kernels take them (lifetime/columns.py)."""

COLUMNS = 9
CODE, BIRTH_END, NODE_END, LENGTH, CONSTANT, CONSTANT_COUNT, ROWS, TILES, READS = range(COLUMNS)
