"""What SECURITY.md claims stands with tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def claims() -> list[str]:
    """The last cell of each row of the table of what an attacker cannot do."""
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    table = told.partition("| An attacker with |")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    return [row.rstrip(" |").rpartition("|")[2].strip() for row in rows]


def is_there(file: str, test: str) -> bool:
    place = ROOT / file
    return place.is_file() and f"def {test or 'test_'}" in place.read_text("utf-8")


def test_every_claim_names_a_test() -> None:
    assert len(claims()) > 20
    assert [claim for claim in claims() if not NAMED.search(claim)] == []


def test_every_test_that_is_named_exists() -> None:
    named = [found for claim in claims() for found in NAMED.findall(claim)]

    assert [one for one in named if not is_there(*one)] == []
