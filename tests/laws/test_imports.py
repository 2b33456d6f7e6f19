"""Laws 1, 3 and 12 where a vCon, an upload and events tell of the same call.

The parts come by every way in, in an order and number that hypothesis chooses, and what
may be seen in the end is the same; after a deletion or refusal nothing returns.
"""

import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, OPERATOR
from tests.files import held_under
from tests.intake.asking import Source, event
from tests.intake.importing import content_keys, lay, run
from tests.intake.made import REFUSED, SOUND, beside, inline, vcon, written
from valv.archive.contents import Sealing
from valv.archive.models import Content
from valv.core.errors import Refused
from valv.core.interaction import ContentKind
from valv.intake.arrivals import take_in
from valv.intake.beginnings import guess
from valv.intake.contents import Facts, Incoming, Piece
from valv.intake.receiving import receive
from valv.intake.recordings import recording
from valv.intake.vcons import arrival_from
from valv.storage import keys
from valv.storage.keys import KeyKind

Part = Callable[[Source, str], object]
START = "2026-11-23T09:00:00Z"
_numbers = count(1)
few = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def imported(**files: bytes) -> Part:
    def bring(source: Source, session: str) -> object:
        with tempfile.TemporaryDirectory() as folder:
            made = vcon(session, recording=beside())
            place = lay(Path(folder) / "in", a__json=written(made), **files)
            return run(source.tenant, place)

    return bring


def posted(**changes: Any) -> Part:
    def bring(source: Source, session: str) -> object:
        made = vcon(session, **{"recording": inline(), **changes})
        return source.ask("POST", "/vcons", written(made))

    return bring


def uploaded(source: Source, session: str) -> object:
    path = f"/interactions/{session}/recordings/1?started_at={START}"
    return source.ask("PUT", path, SOUND)


def stated(source: Source, session: str) -> object:
    return source.put(session, started_at=START, queue="Support")


def told(number: int, type_: str, **data: object) -> Part:
    return lambda source, session: source.tell(
        event(number, type_, session=session, **data)
    )


WHOLE: list[Part] = [
    imported(),
    imported(call__wav=SOUND),
    posted(),
    uploaded,
    stated,
    told(3, "menu.entered", menu="Main"),
]
DENIED: dict[str, Part] = {
    "by vCon": posted(attachments=[REFUSED]),
    "by event": told(2, "consent.refused", purpose="recording"),
    "by statement": lambda source, session: source.put(
        session, started_at=START, variables={"deny_recording": True}
    ),
}


def item(source: Source, session: str) -> Any:
    found = source.item(session)
    for name in ("id", "session_id"):
        del found[name]
    for content in found["contents"]:
        (content["removed"] or {}).pop("at", None)
    return found


def states(source: Source, session: str) -> dict[str, str]:
    return {one["kind"]: one["state"] for one in item(source, session)["contents"]}


def living(source: Source, session: str) -> int:
    """How many keys of the session's content there are."""
    id_ = source.item(session)["id"]
    named = [row.id for row in source.rows(Content, interaction_id=id_) if row.id]
    return len(keys.read(source.tenant.id, KeyKind.CONTENT, named))


def apply(source: Source, session: str, parts: list[Part]) -> None:
    for part in parts:
        part(source, session)


@pytest.fixture
def natural(source: Source) -> str:
    """A session to which all came in its order, once."""
    apply(source, "A0000", WHOLE)
    return "A0000"


@few
@given(
    order=st.permutations(range(len(WHOLE))),
    again=st.lists(st.sampled_from(range(len(WHOLE))), max_size=3),
)
def test_by_every_way_in_any_order_it_is_one_call(
    source: Source, natural: str, order: list[int], again: list[int]
) -> None:
    session = f"B{next(_numbers):04}"  # as long a name

    apply(source, session, [WHOLE[i] for i in [*order, *again]])

    assert item(source, session) == item(source, natural)
    assert set(states(source, session).values()) == {"present"}


@few
@given(
    before=st.permutations(range(len(WHOLE))), after=st.permutations(range(len(WHOLE)))
)
def test_after_a_deletion_nothing_returns(
    source: Source, before: list[int], after: list[int]
) -> None:
    session = f"C{next(_numbers)}"
    apply(source, session, [WHOLE[i] for i in before])
    source.ask("DELETE", f"/interactions/{source.id_of(session)}/recordings/1")

    apply(source, session, [WHOLE[i] for i in after])

    assert set(states(source, session).values()) == {"deleted"}
    assert living(source, session) == 0


@pytest.mark.parametrize("how", DENIED)
@few
@given(
    order=st.permutations(range(len(WHOLE))),
    when=st.integers(0, len(WHOLE)),
)
def test_after_a_refusal_no_living_key_opens_anything(
    source: Source, how: str, order: list[int], when: int
) -> None:
    session = f"D{next(_numbers)}"
    parts = [WHOLE[i] for i in order]
    parts.insert(when, DENIED[how])

    apply(source, session, parts)

    assert "present" not in states(source, session).values()
    assert living(source, session) == 0


def test_pressed_digits_of_a_vcon_are_kept_nowhere(source: Source) -> None:
    pressed = [
        {"party": 0, "time": START, "event": "keydown", "button": digit}
        for digit in "4929175038842716"
    ]
    history = {**inline(), "party_history": pressed, "note": "4929175038842716"}

    posted(recording=history)(source, "E1")

    data = Path(django_settings.VALV_DATA)
    assert not any(b"keydown" in held for _, held in held_under(data))
    assert "4929175038842716" not in str(source.item("E1"))


def test_a_refusal_while_an_upload_is_sealed_leaves_nothing(source: Source) -> None:
    guessed = guess(source.tenant, "F1")
    uploading = recording(
        source.tenant,
        Piece(ContentKind.RECORDING, 1, b"sum"),
        BytesIO(SOUND),
        channels=None,
        hint="",
    )

    def fill(sealing: Sealing) -> tuple[Sealing, Facts]:
        sealed = uploading.fill(sealing)
        DENIED["by event"](source, "F1")
        return sealed

    incoming = Incoming(uploading.piece, fill)
    with pytest.raises(Refused, match="refused to be recorded"):
        receive(source.tenant, guessed, incoming, actor=OPERATOR, now=NOW)

    assert states(source, "F1") == {"recording": "refused"}
    assert content_keys() == 0


def test_a_refusal_while_a_vcon_is_sealed_leaves_nothing(source: Source) -> None:
    def refused_meanwhile(_name: str) -> Iterator[bytes]:
        yield SOUND
        DENIED["by event"](source, "F2")

    outcome = take_in(
        source.tenant,
        arrival_from(written(vcon("F2", recording=beside()))),
        beside=refused_meanwhile,
        actor=OPERATOR,
        now=NOW,
    )

    assert [one.rule for one in outcome.refused] == ["deny_recording"]
    assert set(states(source, "F2").values()) == {"refused"}
    assert content_keys() == 0
