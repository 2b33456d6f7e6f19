"""Made-up vCons, for every test that brings one in."""

import base64
import hashlib
import json
from typing import Any

from tests.intake.sounds import tone, wav

SOUND = wav(tone(440, seconds=1))
SAID = [
    {"speaker": "Agent", "message": "Welcome to Acme."},
    {"speaker": "Customer", "message": "My parcel is late."},
]


def sha512_url(data: bytes) -> str:
    digest = hashlib.sha512(data).digest()
    return "sha512-" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def inline(sound: bytes = SOUND) -> dict[str, Any]:
    body = base64.urlsafe_b64encode(sound).decode().rstrip("=")
    return {"body": body, "encoding": "base64url", "content_hash": sha512_url(sound)}


def beside(name: str = "call.wav", sound: bytes = SOUND) -> dict[str, Any]:
    url = f"https://elsewhere.example/{name}"
    return {"filename": name, "url": url, "content_hash": sha512_url(sound)}


def vcon(
    uuid: str = "0190aaaa-0000-8000-8000-000000000001",
    *,
    recording: dict[str, Any] | None = None,
    transcript: bool = True,
    **changes: Any,
) -> dict[str, Any]:
    """A call of last morning, with audio where ``recording`` says, and transcript."""
    dialog: dict[str, Any] = {
        "type": "recording",
        "start": "2026-11-23T09:00:00Z",
        "duration": 61,
        "parties": [0, 1],
        "mediatype": "audio/x-wav",
        "meta": {"direction": "in"},
        **(recording or {}),
    }
    analysis = [{"type": "transcript", "dialog": 0, "vendor": "made up", "body": SAID}]
    made = {
        "vcon": "0.4.0",
        "uuid": uuid,
        "created_at": "2026-11-23T09:05:00Z",
        "parties": [
            {"tel": "+46701234567", "name": "Eva Ek", "role": "customer"},
            {"tel": "+4681234567", "name": "Bo", "role": "agent", "uuid": "a7"},
        ],
        "dialog": [dialog],
        "analysis": analysis if transcript else [],
        "attachments": [],
    }
    return made | changes


def chat_vcon(uuid: str = "0190aaaa-0000-8000-8000-000000000002") -> dict[str, Any]:
    lines = [(0, "Hello, is anybody there?"), (1, "Yes, how can I help?")]
    dialog = [
        {
            "type": "text",
            "start": f"2026-11-23T10:00:0{n}Z",
            "parties": [n, 1 - n],
            "mediatype": "text/plain",
            "encoding": "none",
            "body": text,
        }
        for n, text in lines
    ]
    return vcon(uuid, transcript=False, dialog=dialog)


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


REFUSED = {
    "purpose": "lawful_basis",
    "encoding": "json",
    "body": {
        "lawful_basis": "consent",
        "purpose_grants": [{"purpose": "recording", "granted": False}],
    },
}
