"""Parts of the Python export: the learner's answers, errors, reward, and one weight update."""

from __future__ import annotations

from evometa.export.python_birth import birth, class_head
from evometa.export.python_network import forward_part
from evometa.export.python_plan import FilePlan
from evometa.export.rule_text import Function
from evometa.export.spelling import call, number

_OUTPUT_ERRORS = {
    "linear": "(answers - y) * (F(2) / F(self.outputs))",
    "sigmoid": "(answers - y) * (F(1) / F(self.outputs))",
    "softmax": "answers - y",
}
_LOSSES = {
    "linear": "the mean over outputs of (answer - desired)²",
    "sigmoid": "the mean over outputs of the binary cross-entropy",
    "softmax": "the cross-entropy",
}
_LOSS_ERRORS = {
    "linear": "        err[:, self.first_output :] = slope\n",
    "sigmoid": "        err[:, self.first_output :] = slope * (answers * (F(1) - answers))\n",
    "softmax": """        dot = np.zeros((len(y), 1), F)
        for o in range(self.outputs):
            dot = dot + slope[:, o : o + 1] * answers[:, o : o + 1]
        err[:, self.first_output :] = answers * (slope - dot) * (F(1) / F(self.outputs))
""",
}
_BROADCAST = """        total = np.zeros(len(y), F)
        for o in range(self.first_output, self.nodes):
            total = total + err[:, o]
        err[:, self.inputs + 1 : self.first_output] = (total / F(self.outputs))[:, None]
"""
_BACKWARDS = """        for j in range(self.nodes - 1, self.inputs, -1):
            if j < self.first_output:
                err[:, j] = through(err[:, j], act[:, j]{kind})
            e = self.hidden_into[j]
            err[:, self.src[e]] = fma({weights}[e], err[:, j : j + 1], err[:, self.src[e]])
"""
_CREDIT_WORDS = {
    "local": "Hidden nodes have no error.",
    "broadcast": "Hidden nodes have the mean error of the outputs.",
    "feedback": "Errors go back to hidden nodes through fixed random weights.",
    "backprop": "Errors go back to hidden nodes through the weights.",
}
_REWARDS = {
    "linear": '''
    def reward(self, answers, y):
        """Return the reward of some examples: less the mean squared error."""
        total = F(0)
        for answer, desired in zip(answers, y):
            squares = F(0)
            for o in range(self.outputs):
                squares = squares + (answer[o] - desired[o]) * (answer[o] - desired[o])
            total = total - squares / F(self.outputs)
        return total / F(len(y))
''',
    "sigmoid": '''
    def reward(self, answers, y):
        """Return the reward of some examples: the share of outputs on the right side."""
        total = F(0)
        for answer, desired in zip(answers, y):
            total = total + F(((answer > 0.5) == (desired > 0.5)).sum()) / F(self.outputs)
        return total / F(len(y))
''',
    "softmax": '''
    def reward(self, answers, y):
        """Return the reward of some examples: the share of right answers."""
        total = F(0)
        for answer, desired in zip(answers, y):
            total = total + F(first_largest(answer) == first_largest(desired))
        return total / F(len(y))
''',
}
FIRST_LARGEST = '''
def first_largest(row):
    """Return the place of the largest number, of equal ones the first."""
    best = 0
    for o in range(1, len(row)):
        best = o if row[o] > row[best] else best
    return best
'''


def learner_class(plan: FilePlan, rule: Function, loss: Function | None) -> str:
    """Return the class of the learner."""
    parts = [birth(plan), forward_part(plan), _predict(plan)]
    if plan.errs:
        parts.append(_errors(plan, loss))
    if "reward" in plan.reads:
        parts.append(_REWARDS[plan.head].strip("\n"))
    return "\n\n".join([class_head(plan), *parts, _learn(plan, rule)])


def _predict(plan: FilePlan) -> str:
    lines = ['    @np.errstate(all="ignore")', "    def predict(self, x):"]
    lines.append('        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""')
    lines.append("        x = np.asarray(x, F)")
    before = ""
    if plan.recurrent:
        lines.append("        before = np.repeat(self.act[:1], len(x), axis=0)")
        before = ", before"
    return "\n".join([*lines, f"        return self.forward(x{before})[:, self.first_output :]"])


def _errors(plan: FilePlan, loss: Function | None) -> str:
    """The method `errors`."""
    what = "the evolved loss, mean over outputs" if loss else _LOSSES[plan.head]
    lines = ["    def errors(self, act, y):"]
    lines.append('        """Return ∂loss/∂(net input) of every node, f32[B, nodes].\n')
    lines += [
        f"        The loss is {what}.",
        *([f"        {_CREDIT_WORDS[plan.credit]}"] if plan.kinds else []),
        '        """',
    ]
    lines += ["        err = np.zeros_like(act)", "        answers = act[:, self.first_output :]"]
    text = "\n".join(lines) + "\n"
    if loss is None:
        text += f"        err[:, self.first_output :] = {_OUTPUT_ERRORS[plan.head]}\n"
    else:
        given = {"output": "answers", "target": "y"}
        arguments = ", ".join(f"{name}={given[name]}" for name in loss.reads if name in given)
        spread = "" if loss.spread else "np.zeros_like(answers) + "
        scale = "" if plan.head == "softmax" else " * (F(1) / F(self.outputs))"
        text += f"        slope = {spread}loss_slope({arguments}){scale}\n{_LOSS_ERRORS[plan.head]}"
    if plan.credit == "broadcast":
        text += _BROADCAST
    elif plan.credit in ("feedback", "backprop"):
        weights = "self.w" if plan.credit == "backprop" else "self.feedback"
        kind = ", self.kind[j]" if plan.mixed else ""
        text += _BACKWARDS.replace("{weights}", weights).replace("{kind}", kind)
    return text + "        return err"


def _learn(plan: FilePlan, rule: Function) -> str:
    """The method `learn`."""
    count, of = ("1", "one example") if plan.single else ("B", "examples")
    lines = ['    @np.errstate(all="ignore")', "    def learn(self, x, y):"]
    lines.append(f'        """Make one weight update from {of}: x f32[{count}, inputs], y f32[{count}, outputs]."""')
    lines.append("        x, y = np.asarray(x, F), np.asarray(y, F)")
    lines.append("        if y.shape != (len(x), self.outputs):")
    wanted = "(examples, {self.outputs}) expected, not {y.shape}"
    lines.append(f'            raise ValueError(f"outputs of shape {wanted}")')
    if plan.single:
        lines.append("        if len(x) != 1:")
        lines.append('            raise ValueError(f"one example at a time; {len(x)} were given")')
    if plan.recurrent:
        lines.append("        before = self.act")
        if not plan.single:
            lines.append("        if len(before) != len(x):")
            lines.append("            before = np.repeat(before[:1], len(x), axis=0)")
    if plan.recurrent or {"pre", "post", "err", "grad", "reward"} & plan.reads:
        lines.append(f"        act = self.forward(x{', before' if plan.recurrent else ''})")
    if plan.errs:
        lines.append("        err = self.errors(act, y)")
    if {"pre", "grad"} & plan.reads:
        read = "act[:, self.src]"
        if plan.recurrent:
            read = "np.where(self.src < self.dst, act[:, self.src], before[:, self.src])"
        lines.append(f"        pre = {read}")
    if "grad" in plan.reads:
        lines += ["        grad = np.zeros(len(self.w), F)", "        for k in range(len(x)):"]
        lines.append("            grad = fma(err[k, self.dst], pre[k], grad)")
        lines.append("        grad = grad * (F(1) / F(len(x)))")
    if "age" in plan.reads:
        lines.append("        span = max(self.updates - 1, 1)")
        lines.append("        age = F(min(self.done, span)) / F(span)")
        lines.append("        self.done += 1")
    lines += _apply(plan, rule)
    return "\n".join([*lines, "        self.act = act"] if plan.recurrent else lines)


def _apply(plan: FilePlan, rule: Function) -> list[str]:
    """The part of `learn` that runs the rule and changes weights and states."""
    given = {
        "pre": "pre[0]", "post": "act[0, self.dst]", "target": "y[0, np.maximum(self.dst - self.first_output, 0)]",
        "err": "err[0, self.dst]", "grad": "grad", "age": "age",
        "reward": "self.reward(act[:, self.first_output :], y)",
    }  # fmt: skip
    arguments = [
        f"{name}={given.get(name, f'self.{name}')}" for name in rule.reads if name not in plan.subject.coefficients
    ]
    lines = [call(f"{', '.join(rule.gives)} = rule", arguments, "", "        ")]
    for state, name in (("s1", "new_s1"), ("s2", "new_s2")):
        if name in rule.gives:
            value = name if state in rule.spread else f"np.zeros_like(self.w) + {name}"
            lines.append(f"        self.{state} = {value}")
    bound = f"F({number(plan.bound)})"
    lines += [f"        bound = {bound}", "        w = self.w + update"]
    lines.append("        self.w = np.where(w < -bound, -bound, np.where(w > bound, bound, w))")
    return lines
