"""Checkpoints and proofs over HTTP, checked without Valv by a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Asker
from tests.audit.logs import lay
from tests.cast import NOW, OPERATOR
from valv.audit.actions import Action
from valv.audit.operations import Act, drop_entries_of
from valv.core.permissions import Scope
from valv.storage import scope
from valv.tenants.models import Tenant

SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_log.py"


@pytest.fixture
def log(acme: Tenant) -> Tenant:
    lay(acme, 300)
    return acme


class Officer:
    """Someone with the script, a folder, and no Valv anywhere near."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.key = ""

    def keeps(self, name: str, text: str) -> str:
        (self._folder / name).write_text(text, encoding="utf-8")
        return name

    def asks(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), *words, "--key", self.key],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def officer(ask: Asker, log: Tenant, tmp_path: Path) -> Officer:
    found = Officer(tmp_path)
    found.key = ask("GET", "/audit/proof/1").json()["key"]
    return found


def note(ask: Asker) -> str:
    answer = ask("GET", "/audit/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    return str(answer.content.decode())


def proof(ask: Asker, seq: int, **changes: Any) -> str:
    return json.dumps(ask("GET", f"/audit/proof/{seq}").json() | changes)


def test_a_checkpoint_is_signed(ask: Asker, officer: Officer) -> None:
    code, said = officer.asks("checkpoint", officer.keeps("note", note(ask)))

    assert code == 0
    assert "Signed: the log of 30" in said


def test_another_tenants_checkpoint_is_not(
    officer: Officer, stranger: Asker, borealis: Tenant
) -> None:
    code, said = officer.asks("checkpoint", officer.keeps("note", note(stranger)))

    assert code == 1
    assert "NOT PROVEN" in said


def test_an_entry_is_proven_with_who_and_why(ask: Asker, officer: Officer) -> None:
    code, said = officer.asks("entry", officer.keeps("proof", proof(ask, 200)))

    assert code == 0, said
    assert 'actor: [7,"Anna Ek"]' in said
    assert "reason: Klagomål" in said
    assert "act: play" in said


def test_an_entry_is_held_against_a_checkpoint_of_ones_own(
    ask: Asker, officer: Officer
) -> None:
    kept = officer.keeps("note", note(ask))
    lay(ask.tenant, 40)
    newer = officer.keeps("proof", proof(ask, 200))

    code, said = officer.asks("entry", newer, "--checkpoint", kept)

    assert (code, "NOT PROVEN" in said) == (1, True)
    assert officer.asks("entry", newer)[0] == 0


@pytest.mark.parametrize("what", ["entry", "value", "seq", "path", "leaf"])
def test_a_proof_that_was_changed_proves_nothing(
    ask: Asker, officer: Officer, what: str
) -> None:
    told = json.loads(proof(ask, 200))
    changes: dict[str, Any] = {
        "entry": {"entry": told["entry"].replace("play", "see")},
        "value": {"openings": [{**told["openings"][0], "value": '[8,"Bo"]'}]},
        "seq": {"seq": 201},
        "path": {"path": told["path"][:-1]},
        "leaf": {"entry": None, "leaf": told["path"][0]},
    }

    changed = officer.keeps("proof", json.dumps(told | changes[what]))

    code, said = officer.asks("entry", changed)
    why = said.partition("NOT PROVEN: ")[2].strip()
    assert (code, bool(why)) == (1, True)


def test_a_purged_entry_is_proven_to_have_been_there(
    ask: Asker, officer: Officer
) -> None:
    seq = json.loads(ask("GET", "/audit?interaction=1100").content)["items"][0]["seq"]
    with scope.writing(ask.tenant.id):
        act = Act(Action.PURGE)
        drop_entries_of([1100], lambda _: act, actor=OPERATOR, now=NOW)

    told = json.loads(proof(ask, seq))
    assert (told["entry"], told["openings"]) == (None, [])
    code, said = officer.asks("entry", officer.keeps("proof", json.dumps(told)))
    assert code == 0
    assert "gone with its interaction" in said


@pytest.mark.parametrize("more", [0, 1, 300])
def test_an_older_log_begins_the_newer(ask: Asker, officer: Officer, more: int) -> None:
    old = officer.keeps("old", note(ask))
    if more:
        lay(ask.tenant, more)
    first = int(note_size(officer, old))
    told = ask("GET", f"/audit/proof?from={first}").json()

    code, said = officer.asks(
        "consistency", officer.keeps("proof", json.dumps(told)), "--old", old
    )

    assert code == 0, said
    assert told["second"] == first + more


def note_size(officer: Officer, name: str) -> str:
    return (officer._folder / name).read_text(encoding="utf-8").split("\n")[1]


def test_a_log_that_was_written_anew_does_not(ask: Asker, officer: Officer) -> None:
    old = officer.keeps("old", note(ask))
    lay(ask.tenant, 30)
    first = int(note_size(officer, old))
    told = ask("GET", f"/audit/proof?from={first - 1}").json()

    code, said = officer.asks(
        "consistency", officer.keeps("proof", json.dumps(told)), "--old", old
    )

    assert (code, "NOT PROVEN" in said) == (1, True)


def test_the_script_stands_alone_and_is_short() -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()

    assert len(lines) < 200
    assert not [line for line in lines if "import valv" in line or "from valv" in line]


def test_what_is_no_proof_cannot_be_read(officer: Officer) -> None:
    assert officer.asks("entry", officer.keeps("proof", "{}"))[0] == 2
    assert officer.asks("entry", "missing")[0] == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/audit/proof/0", 404),
        ("/audit/proof/99999", 404),
        ("/audit/proof/x", 404),
        ("/audit/proof", 422),
        ("/audit/proof?from=x", 422),
        ("/audit/proof?from=9&to=3", 422),
        ("/audit/proof?from=999999", 422),
    ],
)
def test_what_is_asked_must_be_there(
    ask: Asker, log: Tenant, path: str, status: int
) -> None:
    assert ask("GET", path).status_code == status


def test_a_proof_is_a_reading_of_the_log(ask: Asker, log: Tenant) -> None:
    ask("GET", "/audit/proof/1")

    assert len(ask.entries("log")) == 1


@pytest.mark.parametrize("path", ["checkpoint", "proof/1", "proof?from=1"])
def test_proofs_need_the_scope_audit(log: Tenant, path: str) -> None:
    machine = Asker(log, [Scope.READ, Scope.CONTENT])

    assert machine("GET", f"/audit/{path}").status_code == 403
