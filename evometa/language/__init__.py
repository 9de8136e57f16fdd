"""The rule language: signals and primitives, trees and their text, programs, derivatives, formulas, classic rules."""
