"""Variation and selection that DEAP lacks, in its idiom (`cx* mut* sel* gen* init*`), for use in any DEAP
program.

Whole-rule operators work on immutable trees and arrays: they return what changed, in a tuple, and leave their
arguments alone. They draw from Python's global `random`, as DEAP's do, or from a NumPy generator `rng` where
they need many numbers.
"""
