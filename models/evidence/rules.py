"""The programme in a bundle: its own bytes, the clauses its rules cite, and the office's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from models.tables import ProgrammeVersion
from workflow.clauses import cut
from workflow.programme import Programme

_YEARS_AFTER: Final = 10
"""Years after its end that somebody may still act under a programme: revocations come late."""
_A_DAY: Final = timedelta(days=1)
_A_SECOND: Final = timedelta(seconds=1)


def rule_files(version: ProgrammeVersion, programme: Programme) -> dict[str, bytes | object]:
    """Every file about one version, by its name: bytes as they are, the rest as JSON."""
    return {
        "programme.yaml": version.document.encode(),
        "source.txt": version.source.encode(),
        "clauses.json": clauses_cited(programme, version.source),
        "zone.json": {"zone": programme.zone, "offsets": offsets(programme)},
    }


def clauses_cited(programme: Programme, source: str) -> list[dict[str, str]]:
    """Each rule with the whole clause it stands on, as the source text has it."""
    clauses = cut(source)
    return [
        {
            "rule": rule.id,
            "title": rule.title,
            "clause": rule.clause,
            "quote": rule.quote,
            "text": source[clauses[rule.clause].start : clauses[rule.clause].end],
        }
        for rule in programme.rules
        if rule.clause in clauses
    ]


def offsets(programme: Programme) -> list[list[Any]]:
    """Seconds the office's clock is ahead of UTC, each with the instant (UTC) from which it is.

    For whoever checks a bundle without a table of time zones.
    """
    zone = ZoneInfo(programme.zone)
    instant = datetime(programme.starts.year - 1, 1, 1, tzinfo=UTC)
    end = datetime(programme.ends.year + _YEARS_AFTER, 1, 1, tzinfo=UTC)
    found: list[list[Any]] = [[instant.isoformat(), _ahead(zone, instant)]]
    while instant < end:
        following = instant + _A_DAY
        if _ahead(zone, following) != found[-1][1]:
            change = _first_after(zone, instant, following)
            found.append([change.isoformat(), _ahead(zone, change)])
        instant = following
    return found


def _first_after(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second between two instants from which the clock shows what it shows at the later."""
    while after - before > _A_SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _ahead(zone, middle) == _ahead(zone, after):
            after = middle
        else:
            before = middle
    return after


def _ahead(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds())
