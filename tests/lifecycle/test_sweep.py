"""The night's sweep takes what a crash left among the files, once it is a day old."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from tests.cast import NOW
from valv.lifecycle.sweep import AGE, sweep
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def unfinished(tenant: Tenant, *, at: datetime) -> Path:
    """What a process that was killed in the middle of a blob leaves."""
    folder = settings.VALV_DATA / "blobs" / str(tenant.id) / f"{at:%Y%m%d}"
    folder.mkdir(parents=True, exist_ok=True)
    left: Path = folder / ".put-0123456789abcdef"
    left.write_bytes(b"sealed")
    os.utime(left, (at.timestamp(), at.timestamp()))
    return left


@pytest.mark.parametrize("since", [None, NOW - DAY])
def test_an_upload_that_a_crash_cut_off_goes(
    acme: Tenant, since: datetime | None
) -> None:
    left = unfinished(acme, at=NOW - AGE - timedelta(seconds=1))

    assert sweep(acme, now=NOW, since=since) == 1

    assert not left.exists()


def test_one_that_may_be_under_way_stays(acme: Tenant) -> None:
    left = unfinished(acme, at=NOW - AGE)

    assert sweep(acme, now=NOW) == 0

    left.unlink()
