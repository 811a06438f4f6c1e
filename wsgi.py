"""The web server starts here: settings, database and clock are handed to the door."""

import os
import sys

import click
from flask.cli import ScriptInfo

from config import logging
from config.clock import real_now
from config.collecting import collect_seldom
from config.deployment import secrets_in
from config.run import complete, is_demonstration
from config.settings import SettingsError
from config.starting import read_settings, tell_settings
from models.clock import DemonstrationClock
from models.database import WrongSettings, open_database, verify_when_there
from models.failpoints import arm
from models.roles import RISK, verify_log_at_start
from views import create_app

command = click.get_current_context(silent=True)
# The web server is a program of click's too: only a command of Flask's serves nobody.
of_flask = command is not None and command.find_object(ScriptInfo) is not None
serving = not of_flask or (command is not None and command.info_name == "run")
try:
    given = dict(os.environ)
    if is_demonstration({"DEMONSTRATION": "", **given}):
        given = complete(given)
    settings = read_settings(given, serving=serving)
    arm(settings.failpoints)
except (SettingsError, ValueError) as error:
    sys.exit(str(error))
logging.set_up(human=settings.demonstration, secrets=secrets_in(settings))
database = open_database(settings.database_url)
if serving:
    tell_settings(settings, given)
    try:
        verify_when_there(database)
        verify_log_at_start(
            database,
            production=not (settings.demonstration or settings.test_build),
            accepted=RISK in settings.operation.accepted,
        )
    except WrongSettings as error:
        sys.exit(f"DATABASE_URL: {error}")
clock = DemonstrationClock(database, real_now) if settings.demonstration else real_now
app = create_app(settings, database, clock)
collect_seldom()
