"""Looking through every byte of an installation: at rest, in logs, and held open."""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import re2

from tests.crash.installed import Installed
from tests.crash.opener import KEPT, PLANTED
from tests.laws.forms import forms_of
from tests.processes import open_files, processes_under

FORMS = set[bytes]().union(*map(forms_of, (*PLANTED, KEPT)))


def places_of(forms: set[bytes], *folders: Path) -> list[str]:
    """Files, logs and free pages that hold one of the forms."""
    return [
        path.name
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and _holds(path, forms)
    ]


def _holds(path: Path, forms: set[bytes]) -> bool:
    try:
        return _is_in(path.read_bytes(), forms)
    except FileNotFoundError:  # gone meanwhile
        return False


def _is_in(held: bytes, forms: set[bytes]) -> bool:
    return _any_of(frozenset(forms)).search(held) is not None


@cache
def _any_of(forms: frozenset[bytes]) -> Any:
    """Finds each of them in one pass, however many they are."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(b"|".join(map(re2.escape, sorted(forms))), options)


def held_open(pid: int, forms: set[bytes], *, under: Path) -> bool:
    """Whether a process, or one under it, has a file open that holds one of them."""
    return any(
        _is_in(held, forms)
        for one in processes_under(pid)
        for held in open_files(one, under=under)
    )


class Opener:
    """A process that opens all that living keys open, as often as it is asked."""

    def __init__(self, made: Installed) -> None:
        command = [sys.executable, "-m", "tests.crash.opener"]
        self._process = made.start(command, stderr=None)

    def look(self) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"look\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate()
