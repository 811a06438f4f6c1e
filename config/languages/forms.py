"""Days as each language writes them, for pages and letters alike."""

from __future__ import annotations

from datetime import date
from typing import Final

MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def day(value: date, language: str) -> str:
    """05/12/2023; in English 5 Dec 2023, which nobody reads as the twelfth of May."""
    if language == "en":
        return f"{short_day(value, language)} {value.year}"
    return value.strftime("%d/%m/%Y")


def short_day(value: date, language: str) -> str:
    """05/12; in English 5 Dec."""
    if language == "en":
        return f"{value.day} {MONTHS[value.month - 1]}"
    return value.strftime("%d/%m")
