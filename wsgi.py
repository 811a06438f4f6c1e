"""The web server starts here: settings, database and clock are handed to the door."""

import os
import sys

from config import logging
from config.clock import real_now
from config.collecting import collect_seldom
from config.run import complete, is_demonstration
from config.settings import Settings, SettingsError
from models.clock import DemonstrationClock
from models.database import open_database
from models.failpoints import arm
from views import create_app

try:
    given = dict(os.environ)
    if is_demonstration({"DEMONSTRATION": "", **given}):
        given = complete(given)
    settings = Settings.from_environment(given)
    arm(settings.failpoints)
except (SettingsError, ValueError) as error:
    sys.exit(str(error))
logging.set_up(human=settings.demonstration)
database = open_database(settings.database_url)
clock = DemonstrationClock(database, real_now) if settings.demonstration else real_now
app = create_app(settings, database, clock)
collect_seldom()
