"""The audit: whether what was evolved learns, or only looks so.

A champion's held-out lessons are disturbed, one way at a time, and it lives them again beside itself undisturbed and
beside the best tuned stock rule (`subject`). What must fall, what must not, and what the stock rule stands too is said
by a table of tests for each kind of lives (`checks`), over transforms of lessons (`transforms`) and of worlds
(`worlds`). Differences are paired by task; their scatter is over tasks and orders of examples, or luck, and flags are
Holm's at one in a hundred for the whole audit (`judgement`).
"""
