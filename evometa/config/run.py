"""Configuration of a run: how long it goes, what it is computed on and where, what it keeps."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from evometa.config.reals import Real
from evometa.config.section import Section
from evometa.errors import InputError


class Run(Section):
    """How long the run goes, on what, and what it keeps."""

    generations: int = Field(
        default=100, ge=1, le=10_000_000, description="generations to evolve; a resumed run may ask for more"
    )
    until: dict[Literal["loss", "accuracy", "closeness"], Real] = Field(
        default={},
        description="what solves the task: the run stops after the generation in which a genome is at least this good "
        "in every lifetime, such as { accuracy = 1.0 }; empty: it goes on to the end",
    )
    backend: Literal["auto", "numba", "cupy"] = Field(
        default="auto",
        description="numba: the processor; cupy: an NVIDIA GPU; auto: the GPU where one works; results are the same",
    )
    threads: int = Field(
        default=0, ge=0, le=4096, description="processor threads; 0 takes all; same results with any number"
    )
    on: str = Field(
        default="local",
        description="where lifetimes are computed: local, this machine; dask://host:port, the workers of a Dask "
        "scheduler; dask:FILE, those of a scheduler's file; results are the same",
    )
    keep_genomes: Literal["all", "survivors", "champions"] = Field(
        default="all",
        description="genomes that the run file keeps: all, each generation's parents, or the best only",
    )
    patience: int = Field(
        default=0,
        ge=0,
        le=10_000_000,
        description="the run stops after so many generations in which the best did no better on the validation tasks "
        "that sampling.monitor_tasks asks for; 0: it goes on",
    )

    @field_validator("on")
    @classmethod
    def _somewhere(cls, on: str) -> str:
        if on != "local" and not (on.startswith("dask:") and on.strip("/") != "dask:"):
            raise InputError("local, dask://HOST:PORT or dask:FILE", f'"{on}"', "run.on")
        return on

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        for name, wanted in self.until.items():
            expected, beyond = ("0 or more", wanted < 0) if name == "loss" else ("1 or less", wanted > 1)
            if beyond:
                raise InputError(f"{expected}: no {name} is better", str(wanted), f"run.until.{name}")
        return self
