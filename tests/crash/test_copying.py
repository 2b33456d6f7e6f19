"""A copy that is broken off anywhere leaves, after the next one, no older keys."""

import shutil
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.cast import NOW
from tests.crash.faults import Faults, Killed, failing
from valv.storage import copies
from valv.tenants.models import Tenant

STEPS = [(Path, "rename"), (shutil, "rmtree")]
MOST_STEPS = 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("done", [False, True])
def test_no_older_keys_stay_beside_the_newest(
    acme: Tenant, tmp_path: Path, *, done: bool
) -> None:
    moments = (NOW + timedelta(seconds=n) for n in count())
    for at in range(1, MOST_STEPS):
        folder = tmp_path / str(at)
        copies.back_up(folder, now=next(moments))
        faults = Faults(at, Killed, done=done)
        try:
            with failing(faults, STEPS):
                copies.back_up(folder, now=next(moments))
        except Killed:
            copies.back_up(folder, now=next(moments))
        else:
            break
        assert {path.name for path in folder.glob("keys*")} == {"keys"}
    assert 4 < faults.calls < MOST_STEPS
