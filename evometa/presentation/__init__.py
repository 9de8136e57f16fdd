"""Runs and learners as people see them: in a terminal, in a notebook, as JSON."""
