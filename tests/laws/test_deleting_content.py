"""Law 5: deleting content never changes general information."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.intake.asking import Source
from tests.laws.laying import SOUND, ago
from valv.core.moments import format_moment

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)
few = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
words = st.text("abcåäö ", min_size=1, max_size=12).filter(str.strip)
maybe = st.none() | words
GENERAL = st.fixed_dictionaries(
    {"started_at": st.floats(0.1, 300).map(lambda days: format_moment(ago(days)))},
    optional={
        "direction": st.sampled_from(["inbound", "outbound", "internal"]),
        "queue": maybe,
        "agents": st.lists(words, max_size=3, unique=True),
        "wait_seconds": st.none() | st.floats(0, 9999),
        "talk_seconds": st.none() | st.floats(0, 9999),
        "outcome": maybe,
        "subject": maybe,
        "variables": st.dictionaries(words, words, max_size=2),
        "identifiers": st.fixed_dictionaries(
            {}, optional={"phone": st.just("0701234567"), "name": maybe}
        ),
    },
)


def held(source: Source, general: dict[str, Any], *, media: str) -> str:
    """The session of an interaction with a recording or a chat log, and a survey."""
    session = f"S{next(_numbers)}"
    source.put(session, media=media, **general)
    source.put_survey(session, score=3, comment="Hm", at=general["started_at"])
    if media == "phone":
        path = f"/interactions/{session}/recordings/1"
        assert source.ask("PUT", path, SOUND).status_code == 201
    else:
        said = [{"at": general["started_at"], "from": "customer", "text": "Hi"}]
        assert source.put_chat_log(session, said).status_code == 201
    return session


@few
@given(
    general=GENERAL,
    medium=st.sampled_from([("phone", "recordings/1"), ("chat", "chat-log")]),
    reason=words,
)
def test_general_information_is_the_same_after_a_deletion(
    source: Source, general: dict[str, Any], medium: tuple[str, str], reason: str
) -> None:
    session = held(source, general, media=medium[0])
    before = source.item(session)
    path = f"/interactions/{before['id']}/{medium[1]}?reason={reason}"

    assert source.ask("DELETE", path).status_code == 204

    after = source.item(session)
    (was,), (tombstone,) = before.pop("contents"), after.pop("contents")
    assert after == before
    assert tombstone["state"] == "deleted"
    assert (tombstone["kind"], tombstone["n"]) == (was["kind"], was["n"])
    removed = tombstone["removed"]
    assert (removed["by"], removed["reason"]) == ("test", " ".join(reason.split()))
    assert removed["at"] >= format_moment(ago(0.01))


def test_what_is_deleted_opens_no_more(source: Source) -> None:
    session = held(source, {"started_at": format_moment(ago(1))}, media="phone")
    path = f"/interactions/{source.id_of(session)}/recordings/1"
    source.ask("DELETE", path)

    assert source.ask("GET", path).status_code == 410
    assert source.ask("DELETE", path).status_code == 410
