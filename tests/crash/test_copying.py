"""A copy that is broken off anywhere leaves nothing of itself after the next one."""

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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("done", [False, True])
def test_no_older_keys_and_no_half_copies_stay(
    acme: Tenant, tmp_path: Path, *, done: bool
) -> None:
    moments = (NOW + timedelta(seconds=n) for n in count())
    copies.back_up(tmp_path, now=next(moments))
    whole = Faults(0, Killed, done=done)
    with failing(whole, STEPS):
        copies.back_up(tmp_path, now=next(moments))
    assert whole.calls

    for at in range(1, whole.calls + 1):
        with pytest.raises(Killed), failing(Faults(at, Killed, done=done), STEPS):
            copies.back_up(tmp_path, now=next(moments))
        copies.back_up(tmp_path, now=next(moments))

        assert {path.name for path in tmp_path.glob("keys*")} == {"keys"}
        assert [*tmp_path.glob("data/*.half")] == []
