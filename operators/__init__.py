"""Variation and selection that DEAP lacks, in its idiom (`cx* mut* sel* gen* init*`), for use in any DEAP
program.

Whole-rule operators work on immutable trees and arrays: they return what changed, in a tuple, and leave their
arguments alone. All draw from a generator that they are given, `rng`: on trees, and in selection, a `random.Random`
(default: Python's global one, as in DEAP); on arrays a NumPy generator; on whole genomes both, `evometa.seeding.Draws`.
"""
