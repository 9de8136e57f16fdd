"""The PyTorch export of any other rule: an `nn.Module` whose plastic layers learn by it, without torch's gradients."""

from __future__ import annotations

from evometa.export.dialects import TORCH
from evometa.export.layers import matrices
from evometa.export.python_plan import FilePlan
from evometa.export.rule_text import coefficient_lines, loss_function, rule_function
from evometa.export.spelling import block, docstring, number, wrapped
from evometa.export.subject import Subject
from evometa.export.torch_layer import plastic_layer
from evometa.export.torch_network import layer_functions, plastic_network
from evometa.export.torch_text import TARGETS, imports, listed, readers
from evometa.genetics.topology import spread
from evometa.lifetime import F32

_SPREAD = '''
def spread(values, weights):
    """Return a matrix for each layer from one number for its weights and one for its biases."""
    pairs = zip(weights, values[::2], values[1::2])
    return [
        torch.cat([torch.full_like(w[:, :-1], a), torch.full_like(w[:, -1:], b)], dim=1) for w, a, b in pairs
    ]
'''


def torch_module(subject: Subject) -> str:
    """Return the file's text. InputError where the network is not made of layers, or cannot be told."""
    plan = FilePlan(subject)
    if plan.layers is None:
        raise subject.refusal("torch", "one on a network that is not made of layers", "python, onnx, networkx, json")
    rule = rule_function(subject, TORCH, defaults=True)
    loss = loss_function(subject, TORCH, "derivative", defaults=True) if subject.loss and plan.errs else None
    primitives = rule.primitives | (loss.primitives if loss else frozenset())
    functions = [*TORCH.definitions(primitives), rule.source, *([loss.source] if loss else []), *layer_functions(plan)]
    functions += [plastic_layer(plan, rule), plastic_network(plan, loss)]
    data = _data(plan)
    functions += [_SPREAD.strip("\n")] if any("spread(P" in text for text in functions) else []
    functions += [*readers("\n".join(data)), "\n".join(data)] if data else []
    body = "\n\n\n".join(functions)
    head = [docstring(_story(plan)), imports(body)]
    constants = [_tensor(line) for line in coefficient_lines(subject, TORCH)]
    return "\n\n".join([*head, *(["\n".join(constants)] if constants else [])]) + f"\n\n\n{body}\n"


def _tensor(line: str) -> str:
    name, _, value = line.partition(" = ")
    return f"{name} = torch.tensor({value})"


def _data(plan: FilePlan) -> list[str]:
    """Constants: innate weights or how first ones scatter, per-synapse coefficients, fixed feedback."""
    graph, sized = plan.graph, plan.sized and not plan.recurrent

    def listing(name: str, values: F32, skip: int = 0, cut: int | None = None) -> str:
        parts = [m if cut is None else m[:, :cut] for m in matrices(graph, values)[skip:]]
        return listed(name, [block("    ", part, ",") for part in parts])

    found = []
    if not plan.draws:
        found.append(listing("WEIGHTS", plan.setting.weights))
    elif not sized:
        found.append(listing("DEVIATIONS", spread(graph, plan.init, plan.scale).deviation))
    for name, values in plan.plasticity.items():
        if sized and plan.tied:
            found.append(f"{name.upper()} = [{', '.join(number(value) for value in values)}]")
        else:
            found.append(listing(name.upper(), values[graph.group] if plan.tied else values))
    feedback = plan.setting.phenotypes[0].feedback
    if plan.credit == "feedback" and not sized and feedback is not None and plan.layers is not None:
        widths = plan.layers.hidden
        parts = [m[:, :width] for m, width in zip(matrices(graph, feedback)[1:], widths, strict=True)]
        found.append(listed("FEEDBACK", [block("    ", part, ",") for part in parts]))
    return found


def _story(plan: FilePlan) -> str:
    """The words at the head of the file, with an example of its use."""
    rows = 1 if plan.single else plan.batch
    target = TARGETS[plan.head].format(rows=rows, outputs=plan.graph.outputs)
    usage = f"""
Use (here on random numbers; FILE is this file without .py):

    import torch
    from FILE import PlasticNetwork

    network = PlasticNetwork()
    for update in range({min(plan.updates, 10)}):
        x = torch.randn({rows}, {plan.graph.inputs})  # inputs
        y = {target}  # desired outputs
        network.learn(x, y)
    print(network(x))

"""
    promise = (
        "The weights are buffers, not parameters: they learn by the rule, in life, and torch's own gradients have no "
        "part in it. A PlasticLayer can be used by itself, in a network of your own."
    )
    story = plan.subject.story("A network of plastic layers that learn by a rule that evometa evolved.")
    return f"{story}\n{usage}{wrapped(promise)}"
