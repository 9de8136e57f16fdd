"""evometa: evolve learning rules and network topologies; judge them by what they can learn."""

__version__ = "0.1.0"
