"""How a made season is put together: what `config/demonstration/scale.yaml` says."""

from __future__ import annotations

import yaml
from pydantic import BaseModel, ConfigDict, Field

from workflow.vocabulary import State


class Scale(BaseModel):
    """Shares and sizes of a made season."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: dict[State, int]
    """How many dossiers of each state, against each other."""
    collective_per_thousand: int = Field(ge=0, le=1000)
    dossiers_per_office: int = Field(gt=0)
    """After so many dossiers another unit, with people of its own, takes the next."""
    minutes_apart: int = Field(gt=0)
    """Steps of different units are taken up to so many minutes after those they are copied from."""
    dossiers_at_once: int = Field(gt=0)
    """In one transaction."""


def read_scale(text: str) -> Scale:
    """Read the file. Raises `pydantic.ValidationError` when it does not fit."""
    return Scale.model_validate(yaml.safe_load(text))
