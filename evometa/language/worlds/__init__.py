"""Worlds as equations: a life that acts is lived in a world that a few lines of the rule language describe.

`world` holds the texts, `text` reads them, `equations` checks them, `expansion` takes names apart into rows, `compiler`
makes one register program of them, which the interpreters of rules run; `interpreter` follows the trees themselves,
slowly: the judge, and the one that names the equation where something goes wrong.
"""
