"""Run inside an installation: opens all that its living keys open, whenever asked.

Each line of stdin is answered by a line of JSON: what was found of what was planted,
which tones sound in recordings, where what is kept was seen, and what every session
holds.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import django

DIGITS, CARD, SPACED = "7319046285", "4929175038842712", "4929 1750 3884 2712"
PLANTED = (DIGITS, CARD, SPACED)
KEPT = "axolotl4417"  # in what may be kept: it opens, and is nowhere in the clear
RATE = 8000
TEMPORARY = ".put-*"
ROLES = ("recording", "peaks", "chat_log", "transcript")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
    django.setup()
    from django.db import connections

    from valv.config.checks import check_start

    check_start(["search"])
    for _ in sys.stdin:
        sys.stdout.write(json.dumps(_answer()) + "\n")
        sys.stdout.flush()
        connections.close_all()


def _answer() -> dict[str, Any]:
    from tests.laws import opened

    found, hertz, kept = [], [], []
    for place, plain in [*opened.everything(), *_unfinished()]:
        kept += [place] if KEPT.encode() in plain else []
        found += [f"{place}: {text}" for text in _around(plain)]
        if place.endswith(".recording"):
            hertz.append(_hertz(plain))
    return {"found": found, "hertz": hertz, "kept": kept, "held": _held()}


def _around(plain: bytes) -> Iterator[str]:
    """What was planted, with what follows it."""
    from tests.laws.forms import forms_of

    for form in chain.from_iterable(map(forms_of, PLANTED)):
        start = plain.find(form)
        while start >= 0:
            yield plain[start : start + 40].decode(errors="replace")
            start = plain.find(form, start + 1)


def _unfinished() -> Iterator[tuple[str, bytes]]:
    """Blobs whose writer was killed; no name tells their key, so all are tried."""
    from django.conf import settings

    from valv.storage import keys
    from valv.storage.keys import KeyKind

    for file in Path(settings.VALV_DATA).rglob(TEMPORARY):
        tenant_id = int(file.parent.parent.name)
        ids = list(keys.ids_between(tenant_id, KeyKind.CONTENT))
        for id_, key in keys.read(tenant_id, KeyKind.CONTENT, ids).items():
            yield from _tried(file.read_bytes(), key, f"blob:{tenant_id}:{id_}")


def _tried(sealed: bytes, key: bytes, whose: str) -> Iterator[tuple[str, bytes]]:
    from valv.storage.sealed import SealedReader, Tampered

    for role in ROLES:
        with suppress(Tampered):
            reader = SealedReader(
                lambda start, end: iter([sealed[start:end]]),
                len(sealed),
                key=key,
                context=f"{whose}:{role}".encode(),
            )
            yield f"unfinished.{role}", b"".join(reader.read())


def _hertz(recording: bytes) -> int:
    """What is loudest in it."""
    import numpy as np

    from tests.intake.sounds import heard

    sound = heard(recording)[:, 0].astype(float)
    return round(int(np.argmax(np.abs(np.fft.rfft(sound)))) * RATE / len(sound))


def _held() -> dict[str, Any]:
    """By session: how often it is there, its raw events, and its contents' states."""
    from valv.archive.models import Content, Interaction, RawEvent
    from valv.core.interaction import ContentKind, ContentState
    from valv.storage import scope
    from valv.tenants.queries import tenants

    (tenant,) = tenants()
    with scope.reading(tenant.id):
        sessions = dict(Interaction.objects.values_list("id", "session_id"))
        held: dict[str, Any] = {
            session: {"times": 0, "events": 0, "contents": {}}
            for session in sessions.values()
        }
        for session in sessions.values():
            held[session]["times"] += 1
        for id_ in RawEvent.objects.values_list("interaction_id", flat=True):
            held[sessions[id_]]["events"] += 1
        for row in Content.objects.all():
            name = f"{ContentKind.numbered(row.kind).value}:{row.n}"
            state = ContentState.numbered(row.state).value
            held[sessions[row.interaction_id]]["contents"][name] = state
    return held


if __name__ == "__main__":
    main()
