"""What our channel and the fake provider said to each other in every test, kept so that it can be held against Twilio's
published contract afterwards (`tests.contract`). Only with the variable CONTRACT_EXCHANGES set to a folder.

Every request of the official client is kept. Its answer is kept with it where the provider was in good health; a fault
(a reset, an HTML page, half an answer) breaks the contract on purpose, so of those the request alone is looked at.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

FOLDER = "CONTRACT_EXCHANGES"
_CLIENT = "twilio-python/"
_lock = threading.Lock()


def keep(
    method: str, path: str, headers: Mapping[str, str], body: bytes, status: int | None, content: bytes | None
) -> None:
    """Write one exchange down; `status` None: the request alone."""
    folder = os.environ.get(FOLDER)
    if not folder or not headers.get("User-Agent", "").startswith(_CLIENT):
        return
    line = json.dumps(
        {
            "method": method, "path": path, "authorization": headers.get("Authorization", ""), "body": body.decode(),
            "status": status, "content": None if content is None else content.decode(),
        }
    )  # fmt: skip
    with _lock, Path(folder, f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
