"""The command that compiles: warm."""

from __future__ import annotations

from evometa.cli.terminal import Backend, errors, say


def warm(backend: Backend = None) -> None:
    """Compile the kernels of this machine now, once: where many processes begin at once, each would compile them."""
    with errors():
        from evometa.lifetime.backends import open_executor, warm_up, warm_up_acting, warm_up_teaching

        own = open_executor(backend or "auto", 0, say)
        warm_up(own.live, say, own.prepare)
        warm_up_acting(own.act, say)
        warm_up_teaching(own.teach, say)
        say(f"ready: {own.line}")
