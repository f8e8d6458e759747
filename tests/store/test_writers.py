"""Several processes write to one SQLite file: each waits its turn, and none waits for the dead."""

from __future__ import annotations

import subprocess
import sys
import threading

from sqlalchemy import func, select

from bot.settings import HOME
from bot.store.columns import Vault
from bot.store.database import Database
from bot.store.people import School
from bot.store.writers import FairLock

WRITER = """
import sys, time
from bot.store.columns import Key, Vault, new_id
from bot.store.database import Database
from bot.store.people import School
from bot.store.writers import FairLock
db = Database(sys.argv[1], Vault([Key.new()], bytes(32)))
for number in range(int(sys.argv[2])):
    with db.writing() as session:
        session.add(School(id=new_id(), name=f"{number}", time_zone="UTC"))
        session.flush()
        if "hold" in sys.argv:
            print("holding", flush=True)
            time.sleep(600)
"""


def writer(url: str, count: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(count), *more], stdout=subprocess.PIPE, text=True, cwd=HOME
    )


def schools(url: str, vault: Vault) -> int:
    db = Database(url, vault)
    with db.reading() as session:
        found = session.scalar(select(func.count()).select_from(School)) or 0
    db.dispose()
    return found


def test_four_processes_that_write_at_once_lose_nothing(sqlite_url: str, vault: Vault) -> None:
    processes = [writer(sqlite_url, 50) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    assert schools(sqlite_url, vault) == 200


def test_a_process_that_dies_in_the_middle_of_a_write_holds_nobody_up_and_leaves_nothing(
    sqlite_url: str, vault: Vault
) -> None:
    dying = writer(sqlite_url, 1, "hold")
    assert dying.stdout is not None
    assert dying.stdout.readline() == "holding\n"
    waiting = writer(sqlite_url, 1)
    dying.kill()
    dying.wait()
    assert waiting.wait(60) == 0
    assert schools(sqlite_url, vault) == 1


def test_whoever_came_first_writes_first() -> None:
    lock, order, arrived = FairLock(), [], threading.Semaphore(0)
    lock.acquire()

    def wait_for_a_turn(number: int) -> None:
        arrived.release()
        lock.acquire()
        order.append(number)
        lock.release()

    threads = []
    for number in range(20):
        threads.append(threading.Thread(target=wait_for_a_turn, args=(number,)))
        threads[-1].start()
        arrived.acquire()
        while len(lock._waiting) <= number:  # it stands in the queue before the next one comes
            threads[-1].join(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(20))
    lock.acquire()  # free again
