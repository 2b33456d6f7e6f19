"""Receipts: checked by the stand-alone script, and by it alone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.intake.asking import Source
from tests.laws.laying import EMAIL, NAME, PHONE, lay
from valv.audit.tree import signer
from valv.jobs.command import main
from valv.tenants.models import Tenant

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_receipt.py"


@pytest.fixture
def receipt(acme: Tenant, capfdbinary: Any) -> Any:
    lay(Source.of(acme), "one")
    main(["forget", "--phone", PHONE, "--delete-content", "--yes", "--json"], user="x")
    return json.loads(capfdbinary.readouterr().out)["receipt"]


def verified(receipt: Any, tenant: Tenant, folder: Path) -> tuple[int, str]:
    file = folder / "receipt.json"
    file.write_text(json.dumps(receipt))
    command = [sys.executable, str(SCRIPT), str(file)]
    command += ["--key", signer(tenant.id).key()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_receipt_is_proven_without_valv(
    receipt: Any, acme: Tenant, tmp_path: Path
) -> None:
    code, said = verified(receipt, acme, tmp_path)

    assert code == 0, said
    for line in ("count interactions 1", "count recordings 1", "state done"):
        assert line in said
    assert not [who for who in (PHONE, EMAIL, NAME, "root") if who in said]


@pytest.mark.parametrize(
    ("before", "after"), [("interactions 1", "interactions 2"), ("done", "partly")]
)
def test_a_receipt_that_was_changed_is_not(
    receipt: Any, acme: Tenant, tmp_path: Path, before: str, after: str
) -> None:
    receipt["note"] = receipt["note"].replace(before, after)

    said = "NOT PROVEN: The signature does not hold.\n"
    assert verified(receipt, acme, tmp_path) == (1, said)


def test_what_the_log_does_not_say_is_not_proven(
    receipt: Any, acme: Tenant, tmp_path: Path
) -> None:
    """Even when the log's own key has signed it."""
    text = (
        receipt["note"].partition("\n\n")[0].replace("interactions 1", "interactions 9")
    )
    receipt["note"] = signer(acme.id).sign(text + "\n")

    code, said = verified(receipt, acme, tmp_path)

    assert (code, "something else" in said) == (1, True)
