"""The file format as a JSON Schema: flows/schema.json, which editors use to complete and explain.

Put `# yaml-language-server: $schema=schema.json` at the top of a conversation to use it.
"""

from __future__ import annotations

import json
from typing import Any

from bot.flow.words import lexicon
from bot.flow.written import WrittenConversation

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def conversation_schema() -> dict[str, Any]:
    """The schema of one conversation file, with the built-in meanings as completions."""
    schema = WrittenConversation.model_json_schema(by_alias=True)
    meanings = sorted(name for name, concept in lexicon().concepts.items() if concept.sort != "filler")
    described = schema["$defs"]["WrittenAnswer"]["properties"]["means"].get("description", "")
    schema["$defs"]["WrittenAnswer"]["properties"]["means"] = {
        "description": described,
        "anyOf": [
            {"enum": meanings, "type": "string"},
            {"type": "array", "items": {"enum": meanings, "type": "string"}},
        ],
    }
    return {"$schema": DIALECT, **schema}


def schema_text() -> str:
    """What flows/schema.json holds; a test keeps the file in step with this."""
    return json.dumps(conversation_schema(), indent=2, ensure_ascii=False) + "\n"
