"""A transcript goes with its recording, and not before its own time otherwise."""

from datetime import datetime, timedelta

import pytest

from tests.cast import NOW, OPERATOR
from tests.held import AUDIO, lay_content, lay_interaction, lay_transcript
from valv.archive.models import Content
from valv.core.interaction import ContentKind, ContentState, Media
from valv.core.retention import StorageTimes
from valv.lifecycle import nightly
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)


def lay(tenant: Tenant, *, days: int, recordings: tuple[int, ...]) -> int:
    """A call with two transcripts, and those of its recordings that came."""
    at: datetime = NOW - timedelta(days=days)
    one = lay_interaction(
        tenant, session=f"s{days}", media=Media.PHONE, started_at=at, name="x"
    )
    for n in recordings:
        kind = ContentKind.RECORDING
        lay_content(tenant, one, kind=kind, n=n, body=AUDIO[:2000])
    for n in (1, 2):
        lay_transcript(tenant, one, n=n)
    with scope.writing(tenant.id):
        Content.objects.filter(interaction_id=one).update(aged_from=at)
    return one


def left(tenant: Tenant, interaction_id: int) -> dict[int, bool]:
    """Of each transcript, whether it is there and opens: both, or neither."""
    with scope.reading(tenant.id):
        rows = list(
            Content.objects.filter(
                interaction_id=interaction_id, kind=ContentKind.TRANSCRIPT.number
            )
        )
    opens = keys.read(tenant.id, KeyKind.CONTENT, [row.id or 0 for row in rows])
    for row in rows:
        assert (row.state == ContentState.PRESENT.number) == (row.id in opens)
    return {row.n: row.id in opens for row in rows}


def test_a_transcript_expires_with_its_recording(acme: Tenant) -> None:
    times = StorageTimes(recordings=14, transcripts=100)
    set_storage_times(acme, times, actor=OPERATOR, now=NOW)
    old = lay(acme, days=15, recordings=(1,))
    young = lay(acme, days=14, recordings=(1, 2))

    report = nightly.run(acme, NOW.date(), now=NOW, actor=OPERATOR)

    assert report.is_whole
    assert (left(acme, old), left(acme, young)) == (
        {1: False, 2: True},
        {1: True, 2: True},
    )
    assert (report.counts["recordings"], report.counts["transcripts"]) == (1, 1)
