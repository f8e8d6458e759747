"""What the conversation of a prompt is told when it begins: kept sealed with the prompt, since it may be a family's words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bot.flow.lines import Value
from bot.flow.script import Script
from bot.flow.telling import as_told
from bot.store.columns import Sealed, Vault
from bot.store.outreach import Prompt


def sealed_telling(
    vault: Vault, row_id: int, script: Script | None, told: Mapping[str, str]
) -> Sealed | None:
    """`told` as the row `row_id` keeps it; None when there is nothing. Raises `bot.flow.telling.NotTold`."""
    if script is None or not told:
        return None
    return vault.seal(Prompt.told, row_id, json.dumps(as_told(script, told), ensure_ascii=False))


def telling_of(vault: Vault, prompt: Prompt) -> dict[str, Value]:
    """What the conversation of `prompt` is told."""
    if prompt.told is None:
        return {}
    told: dict[str, Value] = json.loads(vault.open(Prompt.told, prompt.id, prompt.told))
    return told
