"""Species, setting by setting as in section 4.1 of NEAT's paper, and what it leaves open as the docstrings say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from operators.compatibility import BehaviourDistance, GeneDistance
from operators.species import Species, SpeciesSettings


def genes_of(*genomes: dict[int, float]) -> Topologies:
    """Topologies by marks and weights; what their synapses link does not matter to distances."""
    counts = [len(one) for one in genomes]
    mark = np.concatenate([np.array(sorted(one), np.int64) for one in genomes])
    weight = np.concatenate([[one[mark] for mark in sorted(one)] for one in genomes]).astype(np.float32)
    start = topologies_of(layered(1, [], 1), np.zeros((len(genomes), 2), np.float32))
    size = len(mark)
    return replace(
        start, begins=np.concatenate([[0], np.cumsum(counts)]), mark=mark, weight=weight,
        source=np.zeros(size, np.int64), target=np.full(size, 2), plasticity=np.zeros((size, 0), np.float32),
        traits=np.ones(size, np.uint8),
    )  # fmt: skip


def distance_of(one: dict[int, float], two: dict[int, float], **settings: Any) -> float:
    genes = genes_of(one, two)
    found = GeneDistance(genes, **settings).between(genes)
    assert found[0, 1] == found[1, 0]
    return float(found[0, 1])


def crowd(sizes: list[int], fitness: list[list[float]] | None = None) -> tuple[GeneDistance, np.ndarray]:
    """Members of species far apart, so many of each, and their fitness: 1 for each where none is given."""
    genomes = [{1000 * s + k: 0.0 for k in range(5)} for s, size in enumerate(sizes) for _ in range(size)]
    values = [1.0] * len(genomes) if fitness is None else [value for some in fitness for value in some]
    return GeneDistance(genes_of(*genomes)), np.array(values)


# c1 = c2 = 1, c3 = 0.4, threshold 3, N = 1 below 20 genes


def test_the_distance_is_that_of_the_paper() -> None:
    one, two = {0: 1.0, 1: 2.0, 3: 0.5, 5: 1.0}, {0: 0.0, 2: 1.0, 3: 1.0, 7: 1.0, 8: 1.0}
    # disjoint: 1, 2, 5; excess: 7, 8; matching: 0 and 3, which differ by 1 and 0.5
    assert distance_of(one, two) == pytest.approx(2 + 3 + 0.4 * 0.75)
    assert distance_of(one, two, c1=2.0, c2=3.0, c3=4.0) == pytest.approx(4 + 9 + 3.0)
    assert distance_of(one, two, small=5) == pytest.approx((2 + 3) / 5 + 0.4 * 0.75)
    assert distance_of(one, one) == 0
    assert distance_of({0: 1.0}, {1: 1.0}) == 2  # nothing matches


def test_genomes_below_twenty_genes_are_not_divided_by_their_number() -> None:
    nineteen, twenty = dict.fromkeys(range(19), 0.0), dict.fromkeys(range(20), 0.0)
    assert distance_of(nineteen, dict.fromkeys(range(17), 0.0)) == 2
    assert distance_of(twenty, nineteen) == pytest.approx(1 / 20)


def test_members_nearer_than_the_threshold_are_of_one_species() -> None:
    base = dict.fromkeys(range(6), 0.0)
    near, far = {**base, 6: 0.0, 7: 0.0}, {**base, 8: 0.0, 9: 0.0, 10: 0.0}
    assert distance_of(base, far) == 3.0
    assert Species().assign(GeneDistance(genes_of(base, near, far))).tolist() == [0, 0, 1]
    assert Species(SpeciesSettings(threshold=3.1)).assign(GeneDistance(genes_of(base, near, far))).tolist() == [0, 0, 0]


@pytest.mark.parametrize("marks", [40, 200])
def test_giving_up_early_changes_nothing(marks: int) -> None:
    rng = np.random.default_rng(3)
    genomes = [{int(k): float(rng.normal()) for k in rng.choice(marks, rng.integers(1, 30), False)} for _ in range(60)]
    genes = genes_of(*genomes)
    distance = GeneDistance(genes, c1=0.7, c2=1.1, c3=2.0)
    whole = distance.between(genes)
    for limit in (0.5, 2.0, 5.0, 20.0):
        place, founders = distance.first_near(genes.take([7, 3]), limit)
        found = np.concatenate([[7, 3], founders])
        near = whole[:, found] < limit
        assert (near[np.arange(60), place]).all()  # each to its own, a founder to itself,
        assert not near[np.arange(len(found)) < place[:, None]].any()  # and to none before


def test_a_member_joins_the_first_species_that_fits_by_its_representative_of_the_generation_before() -> None:
    line = np.arange(0, 10, 2.0, dtype=np.float32)[:, None]  # each near its neighbours
    species = Species(SpeciesSettings(threshold=2.5, survival=1.0))
    assert species.assign(BehaviourDistance(line)).tolist() == [0, 0, 1, 1, 2]
    species.mate(np.ones(5), 5, np.random.default_rng(0))
    represented = [float(one[0]) for one in species.representatives]
    assert [value in group for value, group in zip(represented, ([0, 2], [4, 6], [8]), strict=True)] == [True] * 3
    labels = species.assign(BehaviourDistance(np.array([[represented[1]], [represented[0]], [40.0]], np.float32)))
    assert labels.tolist() == [0 if abs(represented[1] - represented[0]) < 2.5 else 1, 0, 3]


# offspring in proportion to shared fitness; the worst removed; champions; stagnation; refocus


def test_offspring_are_in_proportion_to_shared_fitness() -> None:
    distance, fitness = crowd([10, 10, 20], [[3.0] * 10, [1.0] * 10, [2.0] * 20])
    species = Species()
    species.assign(distance)
    parents = species.mate(fitness, 60, np.random.default_rng(0))
    assert np.bincount(parents.species).tolist() == [30, 10, 20]  # means 3, 1, 2, whatever the sizes


def test_quotas_make_up_the_population_exactly() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        sizes = rng.integers(1, 9, size=rng.integers(1, 8)).tolist()
        distance, _ = crowd(sizes)
        species = Species()
        species.assign(distance)
        fitness = rng.normal(size=len(distance)) * 10.0 ** rng.integers(-3, 4)
        parents = species.mate(fitness, 37, rng)
        assert len(parents.first) == 37


def test_only_the_best_share_of_a_species_has_offspring() -> None:
    distance, _ = crowd([50])
    fitness = np.random.default_rng(2).permutation(50) + 1.0
    species = Species(SpeciesSettings(survival=0.2))
    species.assign(distance)
    parents = species.mate(fitness, 2000, np.random.default_rng(0))
    begetters = np.unique(np.concatenate([parents.first, parents.second[parents.second >= 0]]))
    assert sorted(fitness[begetters]) == list(range(41, 51))


def test_champions_of_species_of_more_than_five_are_copied() -> None:
    distance, fitness = crowd([5, 6], [[1, 2, 3, 4, 5], [1, 2, 9, 4, 5, 6]])
    species = Species()
    species.assign(distance)
    parents = species.mate(fitness, 20, np.random.default_rng(0))
    (champion,) = np.flatnonzero(parents.champion)
    assert (parents.first[champion], parents.second[champion], parents.species[champion]) == (7, -1, 1)


def test_a_species_without_a_better_best_for_fifteen_generations_has_no_offspring() -> None:
    distance, fitness = crowd([10, 10])
    species, rng = Species(), np.random.default_rng(0)
    for generation in range(16):
        species.assign(distance)
        fitness[:10] += 0.1  # the first improves
        parents = species.mate(fitness, 20, rng)
        assert set(parents.species) == ({0, 1} if generation < 15 else {0})


def test_after_twenty_generations_without_a_better_best_the_best_two_species_go_on_once() -> None:
    sizes = [4, 4, 4]
    distance, fitness = crowd(sizes, [[1.0] * 4, [3.0] * 4, [2.0] * 4])
    species, rng = Species(SpeciesSettings(stagnation=1000)), np.random.default_rng(0)
    alive = []
    for _ in range(25):
        species.assign(distance)  # all three again, as if the third had been born anew
        alive.append(len(np.unique(species.mate(fitness, 12, rng).species)))
    assert alive == [3] * 21 + [2] + [3] * 3


def test_where_all_species_stand_still_the_best_two_get_a_new_chance() -> None:
    distance, fitness = crowd([4, 4, 4], [[1.0] * 4, [3.0] * 4, [2.0] * 4])
    species, rng = Species(SpeciesSettings(refocus=1000)), np.random.default_rng(0)
    alive = []
    for _ in range(18):
        labels = species.assign(distance)
        alive.append(sorted({int(labels[row]) for row in species.mate(fitness, 12, rng).first}))
    assert alive[:15] == [[0, 1, 2]] * 15
    assert alive[15] == [1, 2]


def test_a_quarter_of_the_offspring_have_one_parent_and_few_have_two_of_different_species() -> None:
    distance, fitness = crowd([50, 50])
    species = Species()
    labels = species.assign(distance)
    parents = species.mate(fitness, 100_000, np.random.default_rng(0))
    assert (parents.second < 0).mean() == pytest.approx(0.25, abs=0.006)
    two = parents.second >= 0
    assert (labels[parents.first[two]] != labels[parents.second[two]]).mean() == pytest.approx(0.001, abs=5e-4)


def test_the_fitter_parent_comes_first() -> None:
    distance, _ = crowd([40])
    fitness = np.repeat([1.0, 2.0, 3.0, 4.0], 10)
    species = Species(SpeciesSettings(survival=1.0))
    species.assign(distance)
    parents = species.mate(fitness, 500, np.random.default_rng(0))
    two = parents.second >= 0
    first, second = fitness[parents.first[two]], fitness[parents.second[two]]
    assert (first >= second).all()
    np.testing.assert_array_equal(parents.equal[two], first == second)
    assert not parents.equal[~two].any()


# what the paper does not say


def test_the_threshold_moves_to_a_number_of_species() -> None:
    rng = np.random.default_rng(0)
    behaviour = BehaviourDistance(rng.uniform(0, 100, (200, 1)).astype(np.float32))
    for first in (0.5, 60.0):
        species = Species(SpeciesSettings(threshold=first, target=8, step=0.5))
        for _ in range(150):
            found = len(np.unique(species.assign(behaviour)))
            species.mate(np.ones(200), 200, rng)
        assert 5 <= found <= 12


def test_lives_that_failed_are_one_species_and_no_fault() -> None:
    behaviour = np.zeros((6, 3), np.float32)
    behaviour[1:3] = np.nan
    behaviour[3] = np.inf
    species = Species()
    assert species.assign(BehaviourDistance(behaviour)).tolist() == [0, 1, 1, 1, 0, 0]
    fitness = np.array([1.0, np.nan, np.nan, -np.inf, 2.0, 3.0])
    parents = species.mate(fitness, 10, np.random.default_rng(0))
    assert set(parents.species) <= {0, 1}
    assert len(parents.first) == 10


@pytest.mark.parametrize("fitness", [np.zeros(12), np.full(12, -5.0), np.full(12, np.nan)])
def test_equal_fitness_of_any_sign_gives_equal_shares(fitness: Any) -> None:
    distance, _ = crowd([4, 4, 4])
    species = Species()
    species.assign(distance)
    assert np.bincount(species.mate(fitness, 12, np.random.default_rng(0)).species).tolist() == [4, 4, 4]
