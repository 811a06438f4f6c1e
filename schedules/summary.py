"""What one run of a job did, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of letters, sealed history lines and papers read; zero where nothing happened."""

    queued: int = 0
    """Letters put into the book to be sent by e-mail."""
    laid_in_inbox: int = 0
    """Letters laid in somebody's inbox within the service."""
    sent: int = 0
    """Letters a mail server accepted."""
    suppressed: int = 0
    """Letters kept in the book but not sent, each with its reason."""
    postponed: int = 0
    """Letters to be tried again later."""
    failed: int = 0
    """Letters given up, for a person to look at."""
    lost: int = 0
    """Letters somebody else took over, because the lease ran out."""
    sealed: int = 0
    """History lines sealed."""
    signed: int = 0
    """Checkpoints signed."""
    delivered: int = 0
    """Checkpoints a place outside has taken."""
    undelivered: int = 0
    """Checkpoints a place outside did not take; tried again."""
    copied: int = 0
    """Copies of the record made and found good."""
    forgotten: int = 0
    """Sessions, codes, browsers and keys of forms forgotten because they were over for long."""
    read: int = 0
    """Papers whose text was read, or found to be unreadable."""

    def __add__(self, other: Summary) -> Summary:
        """Add the counts one by one."""
        mine, theirs = asdict(self), asdict(other)
        return Summary(**{name: mine[name] + theirs[name] for name in mine})

    def told(self) -> dict[str, int]:
        """Name the counts that are not zero."""
        return {name: count for name, count in asdict(self).items() if count}
