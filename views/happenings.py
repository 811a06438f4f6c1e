"""Lines of the agenda as events of a feed: one UID for ever, a sequence that only grows."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import url_for

from models.agenda import CycleLine, DossierLine
from models.report_queries import ReportLine
from views import formats, labels, labels_time
from views.formats import _
from views.ics import Happening
from views.milestone_words import ALL_TIERS, EVERY_UNIT
from workflow.deadlines import Deadline
from workflow.programme import Programme
from workflow.vocabulary import State

FALLBACK_HOST = "ho-so-thi-dua"


def of_dossier_line(line: DossierLine, base_url: str) -> Happening:
    """The next deadline of a dossier; the page it leads to asks for a sign-in of its own."""
    dossier = line.row.dossier
    url = base_url + url_for("dossiers.show", code=dossier.code)
    host = host_of(base_url)
    if line.deadline is None:
        return Happening(
            uid=f"{dossier.code}.bo-sung-{line.supplement_round}@{host}",
            instant=line.instant,
            summary=_(
                "Hạn bổ sung hồ sơ {code}: {subject_name}",
                code=dossier.code,
                subject_name=dossier.subject_name,
            ),
            description=_ends(formats.moment(line.instant)),
            sequence=dossier.version,
            url=url,
        )
    return Happening(
        uid=f"{dossier.code}.{line.state.value}@{host}",
        instant=line.instant,
        summary=_(
            "{milestone} {code}: {subject_name}",
            milestone=labels.MILESTONE[line.state],
            code=dossier.code,
            subject_name=dossier.subject_name,
        ),
        description=description(line.programme, line.deadline),
        sequence=line.deadline.sequence,
        changed_at=line.deadline.moves[-1].at if line.deadline.moves else None,
        url=url,
    )


def of_report_line(line: ReportLine, title: str, clause: str, base_url: str) -> Happening:
    """A report a unit owes; it leaves the feed when it is filed, and comes back if returned."""
    report = line.report
    told = [
        _ends(formats.moment(report.due_at)),
        _("Căn cứ: {clause_text}.", clause_text=labels.clause_text(clause)),
    ]
    return Happening(
        uid=f"{report.code}@{host_of(base_url)}",
        instant=report.due_at,
        summary=_(
            "Hạn gửi {code}: {title} ({unit})",
            code=report.code,
            title=formats.lower_first(title),
            unit=line.unit,
        ),
        description="\n".join(told),
        sequence=report.version,
        url=base_url + url_for("reports_due.show", code=report.code),
    )


def of_cycle_line(line: CycleLine, base_url: str, loaded: int) -> Happening:
    """A milestone of a cycle; a newly loaded programme file raises the sequence as well."""
    tier = line.award.id if line.award else "moi-hinh-thuc"
    state = line.deadline.state
    name = f"{line.programme.id}.{line.cycle.id}.{state.value}.{tier}"
    scope = line.award.short if line.award else ALL_TIERS
    if state is State.REGISTERED:
        scope = EVERY_UNIT
    return Happening(
        uid=f"{name}@{host_of(base_url)}",
        instant=line.deadline.instant,
        summary=_(
            "{milestone}: {label} ({scope})",
            milestone=labels.MILESTONE[state],
            label=formats.lower_first(line.cycle.label),
            scope=scope,
        ),
        description=description(line.programme, line.deadline),
        sequence=line.deadline.sequence + max(0, loaded - 1),
        changed_at=line.deadline.moves[-1].at if line.deadline.moves else None,
    )


def description(programme: Programme, deadline: Deadline) -> str:
    """The instant in office time, where it comes from, and what it was before."""
    source = labels_time.source_tag(programme, deadline)
    lines = [_ends(formats.moment(deadline.instant)), _("Nguồn: {source}.", source=source)]
    if deadline.source:
        lines.append(_("Căn cứ: {clause_text}.", clause_text=labels.clause_text(deadline.source)))
    lines += [
        _(
            "Trước là {was}. {move_words}",
            was=formats.moment(move.was),
            move_words=labels_time.move_words(move),
        )
        for move in deadline.moves
    ]
    return "\n".join(lines)


def host_of(base_url: str) -> str:
    """What makes UIDs of this installation its own."""
    return urlsplit(base_url).hostname or FALLBACK_HOST


def _ends(words: str) -> str:
    return _("Hết hạn lúc {words} (giờ Việt Nam), tính cả giây cuối.", words=words)
