"""What happens inside a guarded process: one task, one file, one answer (`models.guarded`).

Nothing here is imported by the service, but for the names of the tasks; and nothing here imports
anything of the service.
"""

from __future__ import annotations

from typing import Final

TASKS: Final = {
    "inspect": "models.guarding.inspecting",
    "picture": "models.guarding.picturing",
    "probe": "models.guarding.probing",
    "seals": "models.guarding.sealing",
    "table": "models.guarding.tables",
    "text": "models.guarding.reading",
}
"""The module of each task: `run(file, options)`, with `file` at its beginning."""
