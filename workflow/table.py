"""What every table of a programme file is: frozen, named where others refer to it, cited."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from workflow.words import Phrase

Text = Annotated[str, Field(min_length=1), AfterValidator(Phrase)]
"""A text of the file; those that people read are looked up in their language at the edge."""


class Table(BaseModel):
    """One table of the file: frozen, and nothing in it that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class NamedTable(Table):
    """A table other tables refer to."""

    id: Text


class CitedTable(NamedTable):
    """A named table that quotes the source text."""

    clause: Text
    quote: str = ""
