"""What is held about a person as a page for them: Swedish or English, read offline.

It is written piece by piece: the head, a section for each interaction, and the foot.
Whoever is not to be named was cut from what is given here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from valv.archive.items import Item
from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.core.moments import parse_moment, zone_named
from valv.core.retention import StorageTimes, Stored
from valv.sharing.subject_words import WORDS
from valv.tenants.models import Tenant

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid #8888;padding-top:1rem;margin-top:2rem}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1rem}
dt{opacity:.7}dd{margin:0}table{border-collapse:collapse}
td,th{text-align:left;padding:.1rem 1rem .1rem 0;vertical-align:top}
td:first-child{white-space:nowrap}dd,td:last-child{overflow-wrap:anywhere}
blockquote{margin:.3rem 0 .3rem 1rem}.note{opacity:.8}
"""
KEPT = (
    Stored.GENERAL, Stored.RECORDINGS, Stored.CHAT_LOGS, Stored.TRANSCRIPTS,
    Stored.SURVEYS, Stored.RAW_EVENTS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody came upon something; ``by`` is empty where staff is not named."""

    at: datetime
    action: str
    content: str
    actor_type: str
    by: str


@dataclass(slots=True)
class Held:
    """One interaction as the person gets it, and what lies in its folder."""

    item: Item
    folder: str
    is_locked: bool
    sights: Sequence[Sight]
    recordings: dict[int, str] = field(default_factory=dict)
    chat: ShownChatLog | None = None
    transcripts: list[ShownTranscript] = field(default_factory=list)


def head(
    tenant: Tenant,
    about: Iterable[str],
    times: StorageTimes,
    *,
    language: str,
    left_out: int,
    now: datetime,
) -> bytes:
    """The beginning, up to the first interaction."""
    words = WORDS[language]
    facts = {
        words["about"]: ", ".join(about),
        words["by"]: tenant.name,
        words["made"]: _moment(now, tenant.timezone),
    }
    kept = {words[one.value]: _days(times, one, words) for one in KEPT}
    notes = [words["others"]]
    if left_out:
        notes.append(words["left_out"].format(n=left_out))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words['title']}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{words['title']}</h1>{_facts(facts)}"
        f"<p>{escape(words['why'].format(tenant=tenant.name))}</p>"
        f'<p class="note">{escape(" ".join(notes))}</p>'
        f"<h2>{words['kept']}</h2>{_facts(kept)}\n"
    ).encode()


def foot() -> bytes:
    return b"</main></body></html>\n"


def _days(times: StorageTimes, stored: Stored, words: Mapping[str, str]) -> str:
    days = times.effective(stored)
    return words["days"].format(n=days) if isinstance(days, int) else words["forever"]


def section(held: Held, *, zone: str, language: str) -> bytes:
    """One interaction, with what was said, and who came upon it."""
    words, item = WORDS[language], held.item
    at = _moment(parse_moment(item.started_at), zone)
    medium = words.get(item.media, item.media)
    direction = words.get(item.direction, item.direction)
    pieces = [
        f"<section><h2>{at} · {medium}, {direction}</h2>",
        _facts(_general(item, words)),
        *_written(item, words, zone),
        *_contents(held, words, zone),
        *_seen(held.sights, words, zone),
        "</section>\n",
    ]
    return "".join(pieces).encode()


def _general(item: Item, words: Mapping[str, str]) -> dict[str, str]:
    who = item.identifiers
    others = ("; ".join(filter(None, _values(one))) for one in item.others)
    told = {
        "phone": who.phone, "email": who.email, "name": who.name, "handle": who.handle,
        "also": ", ".join(others), "session": item.session_id, "queue": item.queue,
        "agents": ", ".join(item.agents), "wait": _whole(item.wait_seconds),
        "talk": _whole(item.talk_seconds),
        "outcome": words.get(f"outcome_{item.outcome}", item.outcome),
        "subject": item.subject, "url": item.url,
    }  # fmt: skip
    facts = {words[name]: str(value) for name, value in told.items() if value}
    return facts | dict(item.variables)


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _values(who: object) -> list[str | None]:
    names = ("phone", "email", "name", "handle")
    return [getattr(who, name) for name in names]


def _written(item: Item, words: Mapping[str, str], zone: str) -> Iterator[str]:
    survey = item.survey
    if survey is not None:
        said = f"{survey.score} ({survey.scale[0]}–{survey.scale[1]})"
        yield f"<h3>{words['survey']}</h3><p>{said}</p>"
        if survey.comment:
            yield f"<blockquote>{escape(survey.comment)}</blockquote>"
    if item.registration:
        topics = (f"{one.category}: {one.topic}" for one in item.registration)
        yield f"<h3>{words['registration']}</h3><p>{escape('; '.join(topics))}</p>"
    if item.consents:
        rows = (
            (_moment(parse_moment(one.at), zone), words[f"purpose_{one.purpose}"],
             words[f"answer_{one.answer}"], one.question or "")
            for one in item.consents
        )  # fmt: skip
        yield f"<h3>{words['consents']}</h3>{_table(rows)}"


def _contents(held: Held, words: Mapping[str, str], zone: str) -> Iterator[str]:
    for one in held.item.contents:
        state = words.get(one.state, one.state)
        name = f"{words[one.kind]} {one.n}"
        file = held.recordings.get(one.n) if one.kind == "recording" else None
        if file:
            address = escape(f"{held.folder}/{file}", quote=True)
            yield f'<p><a href="{address}">{name}</a></p>'
            yield f'<audio controls preload="none" src="{address}"></audio>'
        else:
            yield f"<p>{name}: {state}</p>"
    if held.is_locked:
        yield f'<p class="note">{words["locked"]}</p>'
    if held.chat is not None:
        rows = (
            (_clock(one.at, zone), words[one.sender.value], one.text)
            for one in held.chat.messages
        )
        yield _table(rows)
    for written in held.transcripts:
        yield _table((words[one.sender.value], one.text) for one in written.utterances)
    address = escape(f"{held.folder}/interaction.vcon", quote=True)
    yield f'<p class="note"><a href="{address}">{words["data"]}</a></p>'


def _seen(
    sights: Sequence[Sight], words: Mapping[str, str], zone: str
) -> Iterator[str]:
    if sights:
        rows = (
            (
                _moment(one.at, zone),
                one.by or words[f"by_{one.actor_type}"],
                words.get(one.action, one.action),
                _part(one.content, words),
            )
            for one in sights
        )
        yield f"<h3>{words['seen']}</h3>{_table(rows)}"


def _part(content: str, words: Mapping[str, str]) -> str:
    """What was come upon, as ``recording:1``; nothing is general information."""
    kind, _, n = (content or "general").partition(":")
    return f"{words.get(kind, kind)} {n}".rstrip()


def _facts(facts: Mapping[str, str]) -> str:
    told = (f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f"<dl>{''.join(told)}</dl>"


def _table(rows: Iterable[Sequence[str]]) -> str:
    lines = (
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
        for row in rows
    )
    return f"<table>{''.join(lines)}</table>"


def _moment(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zone_named(zone)):%Y-%m-%d %H:%M}"


def _clock(at: str, zone: str) -> str:
    """When something was written, by the second."""
    return f"{parse_moment(at).astimezone(zone_named(zone)):%H:%M:%S}"
