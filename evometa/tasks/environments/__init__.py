"""Environments of a user's own, Gymnasium's among them: lives are lived in them tick by tick.

`spec` says which one, `protocol` what a batch of lanes is; `single` and `vector` make one of Gymnasium's environments
(`spaces` reads what these show), `opening` finds out which it is; `course` keeps trials and seeds, `rehearsal` tries
whether lanes depend on each other; `worker` is the process that all this is done in, `process` the hand on it, `wire`
what goes between; `acting` lives learners there.
"""
