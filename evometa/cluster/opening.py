"""Where lifetimes are computed, by the word that a recipe or the command line has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from evometa.config.schema import Config
from evometa.lifetime.backends import Executor, open_executor

LOCAL = "local"


def open_where(config: Config, note: Callable[[str], None], show: Callable[[str], None] | None = None) -> Executor:
    """Return what a recipe's lifetimes are computed by: this machine, or a cluster (`run.on`).

    That is `dask://host:port`, `dask:tls://host:port`, or `dask:FILE`, a scheduler's file. Raises InputError where
    there is nothing that could. `note` hears what is to stay, `show` how the workers stand.
    """
    on, threads = config.run.on, config.run.threads
    if on == LOCAL:
        return open_executor(config.backend, threads, note)
    from evometa.cluster.dask_pool import DaskPool
    from evometa.cluster.executor import Cluster

    address = on.removeprefix("dask:")
    where = address.removeprefix("//")
    pool = DaskPool(f"tcp:{address}" if address.startswith("//") else address)
    try:
        return Cluster(pool, f"dask at {where}", config.backend, threads, note, show).executor()
    except BaseException:
        pool.close()
        raise


@contextmanager
def closed_in_error(executor: Executor) -> Iterator[None]:
    """Within the block, an error ends what was opened for an executor."""
    try:
        yield
    except BaseException:
        executor.close()
        raise
