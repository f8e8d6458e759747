"""A technician types `make run`, looks around, presses Ctrl-C, and comes back the next day."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from bot.cli import supervisor as supervising
from bot.cli.supervisor import Child, Supervisor
from tests.cli.processes import Installation, wait_for


def guardians(house: Installation) -> int:
    engine = create_engine(house.database_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM guardian")).scalar_one()
    engine.dispose()
    return int(found)


def test_the_first_day_and_the_second(tmp_path: Path) -> None:
    house = Installation(tmp_path)
    with house.running("run") as run:
        run.wait_until_said("ready in")
        assert house.status_of("/healthz") == 200
        assert house.status_of("/readyz") == 200
        assert f"http://127.0.0.1:{house.port}/" in run.said
        assert "invented" in run.said
        assert "keys.env" in run.said  # the warning about the keys
        families = guardians(house)
        assert families > 5

        run.named("worker").send_signal(signal.SIGKILL)  # a crash
        run.wait_until_said("killed by SIGKILL; starts again in 1 s")
        run.wait_until_said("started again")
        assert run.named("worker").is_running()

        run.process.send_signal(signal.SIGINT)  # Ctrl-C
        assert run.wait_for_exit() == 0
        assert run.family() == []
        assert "Traceback" not in run.said
        assert "the data is kept" in run.said
    with house.running("run") as again:
        again.wait_until_said("ready in")
        assert "migrated" not in again.said
        assert guardians(house) == families

        again.process.kill()  # the supervisor dies and cannot say goodbye
        again.wait_for_exit()
        wait_for("the children to notice", lambda: again.family() == [])


def test_on_postgresql_the_same_command_does(tmp_path: Path, postgres_database_url: str) -> None:
    house = Installation(tmp_path, postgres_database_url)
    with house.running("run") as run:
        run.wait_until_said("ready in")
        assert "PostgreSQL" in run.said
        run.process.send_signal(signal.SIGTERM)
        assert run.wait_for_exit() == 0
        assert run.family() == []
        assert "Traceback" not in run.said


def test_a_taken_port_is_said_at_once_and_another_one_offered(tmp_path: Path) -> None:
    house = Installation(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        done = house.bot("run")
    assert done.returncode == 3
    assert f"Port {house.port} is taken" in done.stderr
    assert f"PORT={house.port + 1}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_host_that_is_not_ours_is_said(tmp_path: Path) -> None:
    done = Installation(tmp_path, HOST="203.0.113.7").bot("run")
    assert done.returncode == 3
    assert "HOST=203.0.113.7" in done.stderr


def test_a_worker_refuses_a_database_that_was_never_migrated(tmp_path: Path) -> None:
    done = Installation(tmp_path).bot("worker")
    assert done.returncode == 3
    assert "bot migrate" in done.stderr


def a_supervisor(code: str, *, name: str = "child") -> tuple[Supervisor, list[str]]:
    said: list[str] = []
    lock = threading.Lock()

    def note(_child: str, line: str) -> None:
        with lock:
            said.append(line)

    return Supervisor([Child(name, [sys.executable, "-c", code])], {}, note, note), said


def test_a_child_that_crashes_again_and_again_is_given_more_and_more_time() -> None:
    now = [0.0]
    watch, said = a_supervisor("raise SystemExit(7)")

    def clock() -> float:  # time flies: every look at the clock is a second
        now[0] += 0.5
        if sum("started" in line for line in said) >= 4:
            watch.stop()
        return now[0]

    watch.clock = clock
    watch.run()
    waits = [line for line in said if "ended with status 7" in line]
    assert waits[0].endswith("in 1 s")
    assert waits[1].endswith("in 2 s")
    assert waits[2].endswith("in 4 s")


def test_a_child_that_will_not_stop_is_killed_when_stop_is_asked_twice() -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n"
        "while True: time.sleep(1)"
    )
    watch, said = a_supervisor(deaf)

    def press_ctrl_c_twice() -> None:
        wait_for("the child", lambda: "deaf" in said)
        watch.stop()
        time.sleep(0.2)
        watch.stop()

    threading.Thread(target=press_ctrl_c_twice).start()
    began = time.monotonic()
    watch.run()
    assert time.monotonic() - began < supervising.GRACE_SECONDS
    assert "did not stop in time and was killed" in said


def test_what_a_child_prints_comes_through_line_by_line_even_when_it_is_no_text() -> None:
    watch, said = a_supervisor(
        "import sys; sys.stdout.buffer.write(b'one\\ntwo \\xff\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    threading.Thread(target=lambda: (wait_for("both lines", lambda: len(said) >= 3), watch.stop())).start()
    watch.run()
    assert "one" in said
    assert "two \ufffd" in said
    assert said[-1] == "stopped"
