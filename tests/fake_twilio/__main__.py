"""`python -m tests.fake_twilio --port N --journal FILE`: the fake provider as a process, until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.fake_twilio.plan import Mischief
from tests.fake_twilio.server import DEFAULT_SID, DEFAULT_TOKEN, FakeTwilio


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_twilio", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument(
        "--journal", type=Path, help="where everything that happens is written, one JSON a line"
    )
    parser.add_argument("--account-sid", default=DEFAULT_SID)
    parser.add_argument("--auth-token", default=DEFAULT_TOKEN)
    parser.add_argument(
        "--list-lag", type=float, default=0.0, help="seconds until an accepted message is listed"
    )
    parser.add_argument(
        "--mischief", type=float, default=0.0, help="share of requests that meet a fault, 0 to 1"
    )
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with FakeTwilio(
        account_sid=told.account_sid,
        auth_token=told.auth_token,
        port=told.port,
        journal=told.journal,
        list_lag_seconds=told.list_lag,
        mischief=Mischief(told.mischief, told.seed) if told.mischief else None,
    ) as twilio:
        sys.stdout.write(f"{twilio.url}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
