"""The demonstration: an invented mid-term season on the real programme and the real units."""

from models.demonstration.loading import load_demonstration
from models.demonstration.playing import SeasonRefused
from models.demonstration.season import Season, read_season

__all__ = ["Season", "SeasonRefused", "load_demonstration", "read_season"]
