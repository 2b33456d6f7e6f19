"""vCons sent in over HTTP."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.api.conftest import Asker, body_of
from tests.intake.made import (
    REFUSED,
    SOUND,
    beside,
    chat_vcon,
    inline,
    vcon,
    written,
)
from valv.archive.models import Interaction
from valv.storage import scope
from valv.storage.models import SealingKey
from valv.tenants.models import Tenant


def post(ask: Asker, made: dict[str, Any]) -> Any:
    return ask("POST", "/vcons", data=written(made), content_type="application/json")


def post_attached(ask: Asker, made: dict[str, Any], **files: bytes) -> Any:
    parts = {"vcon": SimpleUploadedFile("a.vcon.json", written(made))}
    parts |= {k: SimpleUploadedFile(f"{k}.wav", body) for k, body in files.items()}
    body = encode_multipart(BOUNDARY, parts)
    return ask("POST", "/vcons", data=body, content_type=MULTIPART_CONTENT)


def item(ask: Asker, answer: Any) -> Any:
    return ask("GET", f"/interactions/{answer.json()['id']}").json()


def content_keys() -> int:
    return SealingKey.objects.using("keys").filter(kind=3).count()


def test_a_vcon_with_audio_inline_comes_in_whole(ask: Asker) -> None:
    answer = post(ask, vcon(recording=inline()))

    assert answer.status_code == 201
    found = item(ask, answer)
    assert [c["kind"] for c in found["contents"]] == ["recording", "transcript"]
    assert {c["state"] for c in found["contents"]} == {"present"}
    assert found["identifiers"]["phone"] == "+46701234567"
    assert found["agents"] == ["Bo"]


def test_the_same_vcon_twice_changes_nothing(ask: Asker) -> None:
    first = post(ask, vcon(recording=inline()))
    before = item(ask, first)

    second = post(ask, vcon(recording=inline()))

    assert second.status_code == 200
    assert second.json()["result"] == "unchanged"
    assert item(ask, second) == before


def test_audio_may_be_attached(ask: Asker) -> None:
    answer = post_attached(ask, vcon(recording=beside()), call=SOUND)

    assert answer.status_code == 201
    assert answer.json()["amiss"] == []
    path = f"/interactions/{answer.json()['id']}/recordings/1"
    assert body_of(ask("GET", path))[0] == 0xFF


def test_audio_that_is_only_linked_is_not_fetched(ask: Asker) -> None:
    answer = post(ask, vcon(recording=beside()))

    assert answer.status_code == 201
    assert "Recording 1" in answer.json()["amiss"][0]
    again = post_attached(ask, vcon(recording=beside()), call=SOUND)
    assert again.json()["result"] == "updated"


@pytest.mark.parametrize("where", ["inline", "attached"])
def test_bytes_that_are_not_those_vouched_for_are_refused(
    ask: Asker, acme: Tenant, where: str
) -> None:
    flipped = SOUND[:-1] + bytes([SOUND[-1] ^ 1])
    if where == "inline":
        recording = inline(flipped) | {"content_hash": inline()["content_hash"]}
        answer = post(ask, vcon(recording=recording))
    else:
        answer = post_attached(ask, vcon(recording=beside()), call=flipped)

    assert answer.status_code == 403
    assert answer.json()["rule"] == "content_hash"
    assert content_keys() == 0
    with scope.reading(acme.id):
        assert not Interaction.objects.exists()


def test_a_chat_comes_in_as_a_chat_log(ask: Asker) -> None:
    answer = post(ask, chat_vcon())

    log = ask("GET", f"/interactions/{answer.json()['id']}/chat-log").json()
    assert [m["from"] for m in log["messages"]] == ["customer", "agent"]


def test_a_refusal_in_the_vcon_leaves_no_recording(ask: Asker) -> None:
    answer = post(ask, vcon(recording=inline(), attachments=[REFUSED]))

    assert answer.status_code == 201
    assert [one["rule"] for one in answer.json()["refused"]] == ["deny_recording"]
    assert {c["state"] for c in item(ask, answer)["contents"]} == {"refused"}
    assert content_keys() == 0


def test_a_refusal_that_comes_later_takes_what_was_kept(ask: Asker) -> None:
    post(ask, vcon(recording=inline()))
    assert content_keys() == 2

    answer = post(ask, vcon(attachments=[REFUSED]))

    assert answer.json()["result"] == "updated"
    assert content_keys() == 0


def test_broken_audio_leaves_nothing_of_the_vcon(ask: Asker, acme: Tenant) -> None:
    answer = post(ask, vcon(recording=inline(b"RIFF but not really")))

    assert answer.status_code == 422
    assert content_keys() == 0
    with scope.reading(acme.id):
        assert not Interaction.objects.exists()


def test_an_unknown_critical_extension_is_refused(ask: Asker) -> None:
    answer = post(ask, vcon(critical=["unheard_of"]))

    assert answer.status_code == 403
    assert answer.json()["rule"] == "vcon_critical"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 422),
        (b"{" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        ("{}".encode("utf-16"), 400),
        (b"\xff\xfe\x00", 400),
        (b'{"parties": "\xe5"}', 400),
    ],
)
def test_what_is_no_vcon_gets_one_clear_line(
    ask: Asker, body: bytes, status: int
) -> None:
    answer = ask("POST", "/vcons", data=body, content_type="application/json")

    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


def test_a_multipart_body_without_a_vcon_is_no_vcon(ask: Asker) -> None:
    body = encode_multipart(BOUNDARY, {"other": "x"})

    answer = ask("POST", "/vcons", data=body, content_type=MULTIPART_CONTENT)

    assert answer.status_code == 400


def test_a_deleted_recording_stays_deleted(ask: Asker) -> None:
    answer = post(ask, vcon(recording=inline()))
    path = f"/interactions/{answer.json()['id']}/recordings/1"
    ask("DELETE", path)

    again = post(ask, vcon(recording=inline()))

    assert again.json()["result"] == "unchanged"
    assert {c["state"] for c in item(ask, again)["contents"]} == {"deleted"}
    assert content_keys() == 0
