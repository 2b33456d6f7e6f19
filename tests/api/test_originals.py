"""Recordings that are kept as they came, and leave as MP3 for those who ask for it."""

import math
import wave
from io import BytesIO
from struct import pack

import pytest

from tests.api.conftest import Asker, body_of
from valv.intake.audio import examine
from valv.tenants.models import Tenant

RATE, SECONDS = 8000, 3


def wav() -> bytes:
    tone = (int(9000 * math.sin(t / 3)) for t in range(RATE * SECONDS))
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"".join(pack("<h", level) for level in tone))
    return out.getvalue()


def put(ask: Asker, body: bytes) -> str:
    answer = ask("PUT", "/interactions/S1/recordings/1", data=body)
    assert answer.status_code == 201
    (item,) = ask("GET", "/interactions").json()["items"]
    return f"/interactions/{item['id']}/recordings/1"


@pytest.fixture
def original(acme: Tenant, ask: Asker) -> str:
    Tenant.objects.filter(id=acme.id).update(keep_original_audio=True)
    return put(ask, wav())


def test_an_original_is_played_as_it_came(ask: Asker, original: str) -> None:
    answer = ask("GET", original)

    assert (answer["Content-Type"], body_of(answer)) == ("audio/wav", wav())


def test_an_original_is_downloaded_as_mp3(ask: Asker, original: str) -> None:
    answer = ask("GET", f"{original}?download=mp3")
    facts = examine(BytesIO(body_of(answer)), channels=None)

    assert answer["Content-Type"] == facts.media_type == "audio/mpeg"
    assert facts.seconds == pytest.approx(SECONDS, abs=0.2)
    assert answer["Content-Disposition"].endswith('_1.mp3"')
    assert [entry.content for entry in ask.entries("download")] == ["recording:1"]


def test_head_does_not_promise_how_long_the_mp3_will_be(
    ask: Asker, original: str
) -> None:
    answer = ask("HEAD", f"{original}?download=mp3")

    assert answer["Content-Type"] == "audio/mpeg"
    assert "Accept-Ranges" not in answer
    assert "Content-Length" not in answer
    assert ask.entries("download") == []


def test_an_original_mp3_is_downloaded_as_it_came(ask: Asker, original: str) -> None:
    mp3 = body_of(ask("GET", f"{original}?download=mp3"))
    ask("PUT", "/interactions/S1/recordings/2", data=mp3)
    answer = ask("GET", f"{original.removesuffix('1')}2?download=mp3")

    assert (answer["Content-Type"], body_of(answer)) == ("audio/mpeg", mp3)


def test_what_nobody_can_decode_is_a_conflict(ask: Asker, original: str) -> None:
    raw = bytes(range(256)) * 64
    ask("PUT", "/interactions/S1/recordings/3?filename=x.ulaw", data=raw)
    answer = ask("GET", f"{original.removesuffix('1')}3?download=mp3")

    assert answer.status_code == 409
