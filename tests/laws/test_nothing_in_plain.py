"""What is sent about somebody lies nowhere in plain, whichever way and field it took.

A real server is gone every way into, with a value of its own planted in each field: a
word such as a name, a phone number and an e-mail address. Then every byte it keeps and
every line it logged is read. The words of ``PLAIN`` lie in plain, and docs/storage.md
says so; of numbers and addresses none does. The fields come from the API's own
declarations and the portal's own forms, so one that is new is planted as well.
"""

import ast
import re
import time
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

import valv.core
from tests.environment import DATABASE
from tests.journeys.serving import files_under, served
from tests.laws.canary import tables
from tests.laws.planted import Planted, Shape
from tests.laws.vcons_planted import names_planted
from tests.laws.ways_in import SHAPES, Archive
from tests.peers import postgres

ENTRIES_FOLLOW = 1.5
# The columns are the same on both: two of the shapes will do on the second.
TRIED = SHAPES if DATABASE == "sqlite" else (Shape.NUMBER, Shape.WORD)
DOCS = Path(__file__).parents[2] / "docs" / "storage.md"
# Where a word may lie in plain, and what the page on storage calls it.
PLAIN = {
    "session id": ("*session_id", "*dialog.interaction_id", "*signed uuid",
                   "row * id"),
    "queue": ("*queue", "*dialog.skill"),
    "agent": ("*agent", "*agents[[]*", "*agent.connected data.name", "*agent_name",
              "*parties[[]agent].name", "*parties[[]agent].uuid"),
    "outcome": ("*outcome", "*dialog.disposition"),
    "category": ("*category",),
    "topic": ("*topic", "*.topics[[]]", "form /topics topics"),
    "reason": ("*reason", "*reasons.proposed[[]]", "form /settings/reasons proposed"),
    "user group": ("form /user-groups* name",),
    "hold": ("form /holds matter", "form /holds owner"),
    "privacy request": ("*checked_by",
                        "form /requests/*/extend extended_for",
                        "form /requests/*/decide decided_for",
                        "form /requests/*/answer answered_how"),
    "token": ("valv token create --name", "POST /tokens.name"),
    "user": ("*user[ s]*name",),
}  # fmt: skip


@pytest.fixture
def urls() -> dict[str, str]:
    """A PostgreSQL of its own, so that every file of it may be read."""
    if DATABASE != "postgresql":
        return {}
    server = postgres.start()
    return {
        "VALV_DATABASE_URL": server.make_database("data"),
        "VALV_KEYS_URL": server.make_database("keys"),
    }


def kept(data: Path, urls: dict[str, str]) -> Iterator[bytes]:
    """All the bytes that are kept, the logs among them."""
    yield from files_under(data)
    for url in urls.values():
        yield from (held for _, held in tables(url))
    if urls:
        yield from files_under(postgres.folder_of(urls["VALV_DATABASE_URL"]))


def is_plain(where: str) -> bool:
    return any(fnmatch(where, one) for known in PLAIN.values() for one in known)


def test_only_what_is_said_to_be_plain_is(tmp_path: Path, urls: dict[str, str]) -> None:
    planted = Planted()
    with served(tmp_path / "data", **urls) as server:
        archive = Archive(server, urls, planted)
        archive.go_every_way(tmp_path / "sources", shapes=TRIED)
        time.sleep(ENTRIES_FOLLOW)
        found = set[tuple[str, Shape]]()
        for held in kept(server.data, urls):
            found |= planted.found_in(held)

    words = {where for where, shape in found if shape is Shape.WORD}
    assert {
        (where, shape) for where, shape in found if shape is not Shape.WORD
    } == set()
    assert {where for where in words if not is_plain(where)} == set()
    idle = [one for known in PLAIN.values() for one in known if not _is_met(one, words)]
    assert not idle, "These are said to be plain, and are not."


def _is_met(pattern: str, words: set[str]) -> bool:
    return any(fnmatch(where, pattern) for where in words)


def test_the_page_on_storage_names_what_is_plain() -> None:
    section = (
        DOCS.read_text().partition("## What lies in plain")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| ([a-z ]+?) \|", section, re.MULTILINE)

    assert sorted(rows) == sorted([*PLAIN, "what"])


def test_every_name_that_is_read_of_a_vcon_is_planted() -> None:
    """Whatever the readers look up by a text is a field of the planted vCons."""
    folder = Path(valv.core.__path__[0])
    asked = {
        name
        for path in folder.glob("vcon*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for name in _looked_up(call)
    }

    assert asked - names_planted() == set()


READERS = {
    "text", "under", "number", "objects", "get", "_items", "_first", "_at", "_bounded",
}  # fmt: skip


def _looked_up(call: ast.Call) -> list[str]:
    called = call.func
    name = (
        called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    )
    if name not in READERS:
        return []
    return [
        one.value
        for one in call.args
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
