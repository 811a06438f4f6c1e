"""How a process of the service begins: its settings are read, judged, and told in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from config.deployment import accepted_risks, check_deploy, effective
from config.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_settings(environment: Mapping[str, str], *, serving: bool) -> Settings:
    """The settings of a process; one that serves people must also be safe.

    Raises `SettingsError` with a line for each thing that is missing, cannot be used or is unsafe.
    """
    unsafe = [str(one) for one in check_deploy(environment)] if serving else []
    try:
        settings = Settings.from_environment(environment)
    except SettingsError as error:
        raise SettingsError([*error.faults, *unsafe]) from None
    if unsafe:
        raise SettingsError(unsafe)
    return settings


def tell_settings(settings: Settings, environment: Mapping[str, str]) -> None:
    """Write every effective value but secrets into the log of a real service, and what is risky."""
    if settings.demonstration:
        return
    log = structlog.get_logger()
    log.info("settings", **{name.replace(".", "_"): to for name, to in effective(settings).items()})
    for one in accepted_risks(environment):
        log.warning("unsafe setting accepted", risk=one.name, setting=one.setting)
