"""What every command would import and read again for itself: done once, in the process that commands are copies of."""

import importlib

from bot.flow.library import load_library
from bot.settings import HOME

for _room in (
    "jobs.wiring",
    "cli.family",
    "cli.prompts",
    "cli.records",
    "cli.staff",
    "outreach.planning",
    "store.migrate",
):
    importlib.import_module(f"bot.{_room}")
load_library(HOME / "flows")
