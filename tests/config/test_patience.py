"""How long writers wait for their turn where the database keeps to no order."""

import pytest
from django.db import connections

from valv.config.databases import BUSY_SECONDS
from valv.config.main import be_patient


@pytest.mark.sqlite
def test_a_command_waits_longer_than_who_asks_over_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = [connections.databases[alias]["OPTIONS"] for alias in ("default", "keys")]
    for stated in options:
        monkeypatch.setitem(stated, "timeout", BUSY_SECONDS)

    be_patient()

    assert all(stated["timeout"] >= 10 * BUSY_SECONDS for stated in options)
