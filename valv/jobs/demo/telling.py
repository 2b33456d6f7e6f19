"""The example calls on their way in: told as a switchboard tells them, then sent.

What a rule refuses is refused here as well, and shows why on its page. Refuses nothing
itself, and brings in once what is there already.
"""

import hashlib
import io
import wave
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from valv.core.errors import Gone, Refused
from valv.core.interaction import ContentKind, Media
from valv.core.people import Actor
from valv.intake.beginnings import guess
from valv.intake.contents import Piece
from valv.intake.events import take_events
from valv.intake.receiving import receive
from valv.intake.recordings import recording
from valv.jobs.demo import voices
from valv.jobs.demo.examples import Example, Sound
from valv.jobs.demo.script import dialogues, spoken
from valv.tenants.models import Tenant


def tell(tenant: Tenant, example: Example, *, actor: Actor, now: datetime) -> None:
    """Take an example in, its events first and then its sounds."""
    start = example.start(now)
    body = msgspec.json.encode(list(example.events(start)))
    take_events(tenant, body, actor=actor, now=now)
    for sound in example.sounds:
        with suppress(Refused, Gone):
            _send(tenant, example, sound, start, actor=actor, now=now)


def _send(
    tenant: Tenant,
    example: Example,
    sound: Sound,
    start: datetime,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    said = spoken_sound(sound)
    at = start + timedelta(seconds=sound.start)
    piece = Piece(
        ContentKind.RECORDING,
        sound.n,
        hashlib.sha256(said).digest(),
        started_at=at,
        agent=sound.agent,
    )
    incoming = recording(
        tenant, piece, io.BytesIO(said), channels=None, hint="call.wav"
    )
    guessed = guess(tenant, example.session_id, media=Media.PHONE, started_at=at)
    receive(tenant, guessed, incoming, actor=actor, now=now)


def spoken_sound(sound: Sound) -> bytes:
    """A made-up conversation, cut or drawn out to the length of the recording."""
    listed = dialogues("en")
    dialogue = listed[int(sound.seconds) % len(listed)]
    turns = spoken(dialogue, style=sound.n, me="Anna", agent="Bo", order="1047")
    caller, agent = voices.CALLERS["en"][0], voices.AGENTS["en"][0]
    made = voices.recorded(turns, caller=caller, agent=agent)
    return _fitted(made.wav, sound.seconds)


def _fitted(wav: bytes, seconds: float) -> bytes:
    """The same sound over and over, for exactly so many seconds."""
    made = io.BytesIO()
    with wave.open(io.BytesIO(wav)) as source, wave.open(made, "wb") as out:
        size = int(seconds * source.getframerate()) * source.getsampwidth()
        size *= source.getnchannels()
        frames = source.readframes(source.getnframes())
        out.setparams(source.getparams())
        out.writeframes((frames * (size // len(frames) + 1))[:size])
    return made.getvalue()
