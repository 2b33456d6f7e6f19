"""Real conversations, where they are at hand: ten calls and three chats."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.cast import make_token
from tests.intake.asking import Source
from tests.intake.importing import content_keys, contents, counts, rows, run
from tests.missing import missing
from valv.tenants.models import Tenant

SAMPLES = Path(os.environ.get("VALV_SAMPLES", "../shared/data"))
SENDERS = {"customer": "customer", "agent": "agent", "action": "system"}


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir():
        missing("real conversations", "set VALV_SAMPLES to a folder with vcons, chats")
    return SAMPLES


def test_ten_real_calls_go_in_whole(acme: Tenant, samples: Path) -> None:
    report = run(acme, samples / "vcons")

    assert counts(report) == (10, 0, 0, 0, 0)
    assert sorted(contents(acme)) == [(0, 1, "present")] * 10 + [(2, 1, "present")] * 10
    assert all(row.phone_id and row.name_id and row.agent_ids for row in rows(acme))


def test_ten_real_calls_twice_are_ten(acme: Tenant, samples: Path) -> None:
    run(acme, samples / "vcons")

    assert counts(run(acme, samples / "vcons")) == (0, 0, 10, 0, 0)
    assert content_keys() == 20


def test_a_real_call_put_right_is_not_changed_back(
    source: Source, samples: Path, tmp_path: Path
) -> None:
    for file in sorted((samples / "vcons").iterdir())[:2]:
        shutil.copy(file, tmp_path)
    run(source.tenant, tmp_path)
    (call,) = rows(source.tenant)
    wrong = source.item(call.session_id)["identifiers"]["phone"]
    body = b'{"kind": "phone", "value": "+12125550123", "reason": "Misheard"}'
    officer = Source(source.tenant, make_token(source.tenant), source.client)
    path = f"/interactions/{call.id}/correction"
    assert officer.ask("POST", path, body).status_code == 204
    before = source.item(call.session_id)

    assert counts(run(source.tenant, tmp_path)) == (0, 0, 1, 0, 0)
    assert source.item(call.session_id) == before
    assert before["identifiers"]["phone"] == "+12125550123"
    found = source.ask("GET", f"/interactions?phone={quote(wrong)}").json()["items"]
    assert found == []


def test_a_flipped_byte_of_a_real_call_is_refused_by_name(
    acme: Tenant, samples: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(samples / "vcons", tmp_path / "in")
    sound = sorted(folder.glob("*.mp3"))[3]
    sound.chmod(0o600)
    body = bytearray(sound.read_bytes())
    body[len(body) // 2] ^= 1
    sound.write_bytes(body)

    report = run(acme, folder)

    assert counts(report) == (9, 0, 0, 1, 0)
    assert sound.stem in report["refused"][0].source
    assert report["refused"][0].rule == "content_hash"


def messages_of(chat: dict[str, Any]) -> list[dict[str, str]]:
    began = datetime(2026, 11, 20, 9, tzinfo=UTC)
    return [
        {
            "at": (began + timedelta(seconds=10 * n)).isoformat(),
            "from": SENDERS[sender],
            "text": text,
        }
        for n, (sender, text) in enumerate(chat["turns"])
    ]


def test_real_chats_go_in_and_are_read_back(source: Source, samples: Path) -> None:
    for file in sorted((samples / "chats").glob("*.json")):
        for chat in json.loads(file.read_text(encoding="utf-8")):
            session, sent = f"chat-{chat['convo_id']}", messages_of(chat)

            assert source.put_chat_log(session, sent).status_code == 201

            read = source.chat_log(session).json()["messages"]
            assert [(one["from"], one["text"]) for one in read] == [
                (one["from"], one["text"]) for one in sent
            ]
