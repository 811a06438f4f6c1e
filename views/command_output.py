"""How commands speak: plain lines; faults on the error stream, then a non-zero exit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

import click

from models.sealing import Checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from models.sheets import RowError
    from workflow.parsing import Flaw

FAULTY = 1


def say(line: str) -> None:
    """One line to the person at the terminal, at once."""
    click.echo(line)
    sys.stdout.flush()


def fail(lines: Iterable[str]) -> NoReturn:
    """One line for each fault, and the end."""
    for line in lines:
        click.echo(line, err=True)
    raise SystemExit(FAULTY)


def checkpoint_of(text: str) -> Checkpoint:
    """What somebody typed as a checkpoint; ends with a word on how to write one."""
    size, _, last = text.strip().partition(":")
    if not size.isdecimal() or not re.fullmatch(r"[0-9a-f]{64}", last):
        fail([f"{text}: mốc viết như 4711:9f2c… , mã băm 64 ký tự."])
    return Checkpoint(int(size), last)


def report_flaws(file: Path, flaws: Iterable[Flaw]) -> NoReturn:
    """Every flaw of a programme file with its line."""
    found = [f"{file.name}, {flaw}" for flaw in flaws]
    fail([*found, f"{file.name}: {len(found)} lỗi, không dùng được."])


def report_rows(file: Path, errors: Iterable[RowError]) -> NoReturn:
    """Every wrong line of a table, with how to mend it."""
    known = list(errors)
    found = [
        f"{file.name}, {one.place[:1].lower() + one.place[1:]}: {one.text} {one.remedy}".rstrip()
        for one in known
    ]
    lines = {one.line for one in known}
    fail([*found, f"{file.name}: {len(found)} lỗi ở {len(lines)} dòng, chưa ghi gì."])
