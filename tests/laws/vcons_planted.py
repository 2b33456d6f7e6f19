"""vCons with a planted value under every name that is read, and some that are not."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.intake.sounds import tone, wav
from tests.laws.fields import START, Plant

SOUND = base64.urlsafe_b64encode(wav(tone(440, seconds=1))).decode()


def vcons(plant: Plant) -> Iterator[bytes]:
    """A call with its sound and transcript, a chat, and one that is signed."""
    for name, dialogs in (("call", _call), ("chat", _chat)):

        def here(where: str, name: str = name) -> str:
            return plant(f"vcon {name} {where}")

        yield json.dumps(_vcon(here, dialogs(here))).encode()

    def inside(where: str) -> str:
        return plant(f"vcon signed {where}")

    yield _signed(inside, _vcon(inside, []))


def _signed(plant: Plant, vcon: Any) -> bytes:
    """A signed vCon, whose signature nobody verifies."""
    payload = base64.urlsafe_b64encode(json.dumps(vcon).encode()).decode()
    signature = {"signature": plant("signature"), "header": {"kid": plant("kid")}}
    return json.dumps({"payload": payload, "signatures": [signature]}).encode()


def _vcon(plant: Plant, dialogs: list[Any]) -> dict[str, Any]:
    return {
        "vcon": "0.0.1",
        "uuid": plant("uuid"),
        "created_at": START,
        "subject": plant("subject"),
        "parties": [_party(plant, "customer"), _party(plant, "agent"), _party(plant)],
        "dialog": dialogs,
        "attachments": _attachments(plant),
        "analysis": _analyses(plant),
        "group": [{"uuid": plant("group")}],
        plant("?"): plant("?="),
    }


def _party(plant: Plant, role: str = "") -> dict[str, Any]:
    names = ("tel", "sip", "mailto", "email", "name", "handle", "did", "uuid", "stir")
    who = role or "other"
    return {
        **{name: plant(f"parties[{who}].{name}") for name in names},
        "role": role or plant("parties[other].role"),
        "meta": {"role": plant(f"parties[{who}].meta.role")},
        "type": plant(f"parties[{who}].type"),
    }


def _dialog(plant: Plant, kind: str) -> dict[str, Any]:
    names = ("interaction_id", "queue", "skill", "campaign", "disposition")
    meta = {name: plant(f"dialog.meta.{name}") for name in (*names, "direction")}
    history = [{"party": 0, "time": START, "event": "keydown", "button": plant("key")}]
    return {
        "type": kind,
        "start": START,
        "duration": 1,
        "parties": [0, 1, 2],
        "originator": 0,
        "party_history": history,
        "application": plant("dialog.application"),
        "message_id": plant("dialog.message_id"),
        **{name: plant(f"dialog.{name}") for name in names},
        "direction": plant("dialog.direction"),
        "interaction_type": plant("dialog.interaction_type"),
        "meta": meta,
    }


def _call(plant: Plant) -> list[Any]:
    inline = {
        "mediatype": "audio/x-wav",
        "mimetype": plant("dialog.mimetype"),
        "filename": plant("dialog.filename"),
        "url": "https://valv.example/" + plant("dialog.url"),
        "encoding": "base64url",
        "body": SOUND,
        "alg": plant("dialog.alg"),
        "signature": plant("dialog.signature"),
        "content_hash": [plant("dialog.content_hash")],
    }
    return [{**_dialog(plant, "recording"), **inline}]


def _chat(plant: Plant) -> list[Any]:
    said = {"mediatype": "text/plain", "encoding": "none", "body": plant("dialog.body")}
    return [{**_dialog(plant, "text"), **said}]


def _attachments(plant: Plant) -> list[Any]:
    answer = {"score": 3, "comment": plant("survey.comment"), "at": START}
    return [
        {"purpose": "survey", "encoding": "json", "body": json.dumps(answer)},
        {"type": "lawful_basis", "start": START, "body": _consents(plant)},
        {"purpose": plant("attachments.purpose"), "body": plant("attachments.body")},
    ]


def _consents(plant: Plant) -> dict[str, Any]:
    """One that is understood with all that may be said of it, and one that is not."""
    kept = {name: plant(f"consent.{name}") for name in ("question", "version")}
    others = ("prompt", "terms_of_service", "status")
    given = {"purpose": "recording", "granted": True, "at": START, **kept}
    odd = {name: plant(f"consent.{name}") for name in ("purpose", *others)}
    times = {name: plant(f"consent.{name}") for name in ("granted_at", "timestamp")}
    proof = {n: plant(f"consent.{n}") for n in ("proof_type", "type", "method")}
    return {"consents": [given, odd | times], "purpose_grants": [odd], "proof": proof}


def _analyses(plant: Plant) -> list[Any]:
    names = ("message", "text", "transcript", "speaker", "party")
    said = {name: plant(f"analysis.{name}") for name in names} | {"start": 0.5}
    segments = ("segments", "utterances", "conversation", "transcript", "text")
    return [
        {
            "type": "transcript",
            "dialog": 0,
            "vendor": plant("analysis.vendor"),
            "body": {name: [said, plant(f"analysis.{name}[]")] for name in segments},
        },
        {"type": plant("analysis.type"), "dialog": 0, "body": plant("analysis.other")},
    ]


def plain_vcon(session: str, *, is_chat: bool) -> dict[str, Any]:
    """A call with sound and transcript, or a chat, with nothing planted."""

    def nothing(_: str) -> str:
        return ""

    dialogs = _chat(nothing) if is_chat else _call(nothing)
    dialogs[0] |= {"interaction_id": session, "filename": "", "url": ""}
    if is_chat:
        dialogs[0]["body"] = "Hej"
    written = {"type": "transcript", "dialog": 0, "body": "Hej"}
    return {
        "vcon": "0.0.1",
        "created_at": START,
        "parties": [{"tel": "0700000001"}],
        "dialog": dialogs,
        "analysis": [written],
    }


def names_planted() -> set[str]:
    """All names of fields in the planted vCons."""
    return {name for one in vcons(str) for name in _names(json.loads(one))}


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _names(one)
