"""A record as large as wanted: dossiers of the demonstration, each copied many times.

What is copied was made by the use cases, so every copy has the rows a real dossier has: judged,
chained, recorded and sealed anew under its own names and keys.
"""

from models.stamping.making import Made, NotADemonstration, Wanted, make_season
from models.stamping.pressing import Names
from models.stamping.scale import Scale, read_scale

__all__ = ["Made", "Names", "NotADemonstration", "Scale", "Wanted", "make_season", "read_scale"]
