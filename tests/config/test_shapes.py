"""Threads that read JSON into types nobody has read anything into before."""

import subprocess
import sys
from pathlib import Path
from threading import Event, active_count

import pytest

from tests.cast import NOW
from tests.crash.installed import install
from valv.core import shapes
from valv.jobs.work import work

pytestmark = pytest.mark.once

RACE = """
import sys
from threading import Barrier, Thread
from typing import Annotated

from msgspec import Meta, defstruct, json

Word = Annotated[int | str | None, Meta(description="x")]

def made(number):
    inner = defstruct(f"In{number}", [(f"f{n}", Word, None) for n in range(12)])
    outer = [(f"g{n}", list[inner] | None, None) for n in range(6)]
    return defstruct(f"Out{number}", outer)

def read(type_, gate):
    gate.wait()
    json.decode(b'{"g0": [{"f0": 1, "f11": null}], "g5": [{"f11": 3}]}', type=type_)

types = [made(number) for number in range(400)]
import valv.config.wsgi
sys.setswitchinterval(1e-6)
for type_ in types:
    gate = Barrier(4)
    threads = [Thread(target=read, args=(type_, gate)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("all read")
"""


def test_whoever_serves_has_looked_through_all_that_is_read(tmp_path: Path) -> None:
    made = install(tmp_path / "data")
    command = [sys.executable, "-c", RACE]

    ran = subprocess.run(
        command, env=made.environment(), capture_output=True, check=False
    )

    assert (ran.returncode, ran.stdout) == (0, b"all read\n"), ran.stderr


@pytest.mark.django_db
def test_whoever_works_looks_through_it_before_there_is_another_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look, threads = shapes.look_through, list[int]()

    def watched() -> None:
        threads.append(active_count())
        look()

    monkeypatch.setattr(shapes, "look_through", watched)
    stop, before = Event(), active_count()
    stop.set()

    work(lambda: NOW, stop)

    assert threads == [before]
