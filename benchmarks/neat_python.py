"""XOR by neat-python, another implementation of NEAT, to compare with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

Cases = Sequence[tuple[tuple[float, ...], float]]  # inputs and answer

NEAT_PYTHON = """
[NEAT]
fitness_criterion = max
fitness_threshold = 1e9
no_fitness_termination = True
pop_size = {size}
reset_on_extinction = False

[DefaultStagnation]
species_fitness_func = max
max_stagnation = 20
species_elitism = 2

[DefaultReproduction]
elitism = 2
survival_threshold = 0.2

[DefaultSpeciesSet]
compatibility_threshold = 3.0

[DefaultGenome]
num_inputs = 2
num_outputs = 1
num_hidden = 0
feed_forward = True
initial_connection = full_direct
activation_default = sigmoid
activation_mutate_rate = 0.0
activation_options = sigmoid
aggregation_default = sum
aggregation_mutate_rate = 0.0
aggregation_options = sum
bias_init_mean = 0.0
bias_init_stdev = 1.0
bias_max_value = 30.0
bias_min_value = -30.0
bias_mutate_power = 0.5
bias_mutate_rate = 0.7
bias_replace_rate = 0.1
response_init_mean = 1.0
response_init_stdev = 0.0
response_max_value = 30.0
response_min_value = -30.0
response_mutate_power = 0.0
response_mutate_rate = 0.0
response_replace_rate = 0.0
weight_init_mean = 0.0
weight_init_stdev = 1.0
weight_max_value = 30.0
weight_min_value = -30.0
weight_mutate_power = 0.5
weight_mutate_rate = 0.8
weight_replace_rate = 0.1
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.5
conn_add_prob = 0.05
conn_delete_prob = 0.0
node_add_prob = 0.03
node_delete_prob = 0.0
enabled_default = True
enabled_mutate_rate = 0.01
"""  # its example of XOR, with the rates of the paper


def neat_python(size: int, generations: int, cases: Cases) -> float:
    """Return the median processor seconds of a generation of neat-python, of the same population and problem."""
    import neat

    def judge(genomes: Any, config: Any) -> None:
        for _, genome in genomes:
            network = neat.nn.FeedForwardNetwork.create(genome, config)
            genome.fitness = (4 - sum(abs(network.activate(x)[0] - y) for x, y in cases)) ** 2

    with TemporaryDirectory() as folder:
        file = Path(folder, "xor.ini")
        file.write_text(NEAT_PYTHON.format(size=size), encoding="utf-8")
        config = neat.Config(
            neat.DefaultGenome, neat.DefaultReproduction, neat.DefaultSpeciesSet, neat.DefaultStagnation, str(file)
        )
    population, seconds = neat.Population(config), []
    for _ in range(generations):
        begin = time.process_time()
        population.run(judge, 1)
        seconds.append(time.process_time() - begin)
    return median(seconds)
