"""The cast of the tests, the same in every file.

Two tenants: Acme in Stockholm and Borealis. Alma administers Acme, Bo sees general
information only, Cleo sees to privacy and reads the audit log, and Dag at Borealis is
a stranger to all of it. The clock stands at ``NOW``.
"""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def now() -> datetime:
    return NOW
