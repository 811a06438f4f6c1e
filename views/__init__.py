"""The door: people ask, pages answer. No rule and no query lives here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from models.database import Database
from models.failpoints import reach
from models.file_places import FileLost, PlaceDown
from views import (
    account,
    account_codes,
    administration,
    admission,
    assembly,
    audit_log,
    audit_trail,
    backups,
    batch,
    calendar,
    check,
    checkpoints,
    citing,
    commands,
    compression,
    council,
    council_ballot,
    council_paper,
    council_sessions,
    council_tally,
    deciding,
    decision,
    decision_page,
    delegations,
    documents,
    doorman,
    dossiers,
    emergencies,
    erasures,
    errors,
    evidence,
    exporting,
    file_desk,
    formats,
    health,
    helping,
    importing,
    inbox,
    language_pages,
    languages,
    limits,
    look_up,
    lost_files,
    metering,
    metrics,
    milestones,
    navigation,
    office,
    own_account,
    passkeys,
    people,
    people_accounts,
    places,
    programme,
    programme_versions,
    progress,
    provider,
    quick_looks,
    ranking,
    receiving,
    registrations,
    reminders,
    repeating,
    report_dates,
    reports_due,
    search,
    second_factor,
    statics,
    steps,
    suspensions,
    trying,
    units,
    whole_dossier,
    working_calendar,
)
from views.desk import Desk
from views.papers import pages as papers
from views.papers import template_pages

BLUEPRINTS = (
    account.pages,
    language_pages.pages,
    own_account.pages,
    account_codes.pages,
    second_factor.pages,
    passkeys.pages,
    provider.pages,
    inbox.pages,
    dossiers.pages,
    batch.pages,
    search.pages,
    steps.pages,
    health.pages,
    metrics.pages,
    registrations.pages,
    reminders.pages,
    reports_due.pages,
    assembly.pages,
    documents.pages,
    quick_looks.pages,
    receiving.pages,
    whole_dossier.pages,
    evidence.pages,
    papers.pages,
    template_pages.pages,
    council.pages,
    council_sessions.pages,
    council_ballot.pages,
    council_tally.pages,
    council_paper.pages,
    check.pages,
    decision.pages,
    deciding.pages,
    decision_page.pages,
    places.pages,
    ranking.pages,
    programme.pages,
    progress.pages,
    programme_versions.pages,
    trying.pages,
    helping.pages,
    office.pages,
    calendar.pages,
    milestones.pages,
    report_dates.pages,
    working_calendar.pages,
    suspensions.pages,
    look_up.pages,
    administration.pages,
    people.pages,
    people_accounts.pages,
    units.pages,
    audit_log.pages,
    backups.pages,
    checkpoints.pages,
    importing.pages,
    delegations.pages,
    emergencies.pages,
    erasures.pages,
    commands.pages,
)


def create_app(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Flask:
    """Build the web application; nothing is read from the database yet."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.operation.key_fallbacks),
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["desk"] = Desk(settings, database, clock)
    file_desk.open_at(app, settings)
    metering.put_up(app)
    compression.answer_small(app)
    limits.put_up(app)
    doorman.stand_at(app)
    errors.answer_in(app)
    app.register_error_handler(FileLost, lost_files.show)
    app.register_error_handler(PlaceDown, lost_files.unanswered)
    audit_trail.put_up(app)
    repeating.put_up(app)
    languages.speak(app)
    formats.teach(app)
    exporting.put_up(app)
    navigation.put_up(app)
    helping.put_up(app)
    citing.put_up(app)
    statics.version(app)
    provider.introduce(app, settings.provider)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
    app.after_request(_before_reply)
    admission.put_up(app)
    hops = settings.operation.proxy_hops
    if hops:
        believed = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)
        app.wsgi_app = believed  # type: ignore[method-assign]
    return app


def _before_reply(answer: Response) -> Response:
    """Everything is committed, and nobody knows yet: where a crash leaves a step in doubt."""
    reach("after_commit_before_reply")
    return answer
