"""Made-up hits: nobody here exists."""

from datetime import UTC, datetime, timedelta

from valv.portal import words
from valv.portal.contexts.search import Hits, Row, SearchForm, SearchPage

NOW = datetime(2026, 11, 23, 13, 5, 12, tzinfo=UTC)
QUEUES = ("Kundtjänst", "Support", "Växel", "Faktura", "Sales")
AGENTS = ("Alma Berg", "Bo Ek", "Cleo Lind", "Dag Ås")
PEOPLE = (
    ("+46 70 174 06 05", "Anna Exempel"),
    ("+46 8 465 004 18", ""),
    ("karin@example.com", "Karin Påhittad"),
    ("@nils_ex", ""),
    ("+46 31 390 06 21", "Växel AB"),
)
MEDIA = ("phone", "phone", "chat", "phone", "email", "phone", "social", "etask")


def identity_of(i: int, media: str) -> tuple[str, str, str]:
    state = {5: "anonymised", 9: "withheld", 12: "none"}.get(i % 14, "known")
    if state != "known":
        return state, words.nobody(state, media=media), ""
    return state, *PEOPLE[i * 7 % len(PEOPLE)]


def _contents(i: int, media: str) -> tuple[tuple[str, str, str], ...]:
    state = ("present", "present", "deleted", "expired", "refused", "awaiting")[i % 6]
    said = words.word(words.STATES, state)
    if media == "phone":
        found = [
            ("recording", state, f"{words.word(words.KINDS, 'recording')}: {said}")
        ]
        if i % 3 == 0:
            shown = words.word(words.KINDS, "transcript")
            found.append(("transcript", "present", shown))
        return tuple(found)
    if media == "chat":
        return (("chat", state, f"{words.word(words.KINDS, 'chat_log')}: {said}"),)
    return ()


def row(i: int) -> Row:
    media = MEDIA[i % len(MEDIA)]
    state, identity, also = identity_of(i, media)
    score = (9, None, None, 4, None, 7)[i % 6]
    return Row(
        id=str(3_700_000_000_000_000_000 + i),
        href=f"/interactions/{i}",
        media=media,
        media_words=words.word(words.MEDIA, media),
        direction="inbound",
        started=f"{NOW - timedelta(minutes=37 * i):%Y-%m-%d %H:%M}",
        identity_state=state,
        identity=identity,
        also=also,
        queue=QUEUES[i * 3 % len(QUEUES)],
        agents=AGENTS[i % len(AGENTS)],
        wait=f"0:{i * 7 % 60:02}",
        talk=f"{i % 9}:{i * 11 % 60:02}",
        outcome=words.outcome("answered" if i % 5 else "abandoned", media=media),
        contents=_contents(i, media),
        score="" if score is None else f"{score}/10",
        mood=""
        if score is None
        else "low"
        if score < 7
        else "mid"
        if score < 9
        else "high",
        session=f"7f3a{i:04x}",
        held=i == 3,
        restricted=i == 7,
        life=(("live", words.word(words.LIVES, "live")),)[i] if i == 0 else None,
    )


def hits(**more: object) -> Hits:
    known: dict[str, object] = {
        "search_id": "q7Yd2",
        "rows": tuple(row(i) for i in range(24)),
        "columns": ("queue", "agents", "wait", "talk", "outcome", "contents", "score"),
        "count": 10_000,
        "capped": True,
        "next": "MTIz",
        "may_download_recordings": True,
        "may_delete_recordings": True,
        "may_download_chat_logs": True,
        "may_delete_chat_logs": True,
        "may_export": True,
        "may_anonymise": True,
        "may_hold": True,
        **more,
    }
    return Hits(**known)  # type: ignore[arg-type]


def search(found: Hits | None) -> SearchPage:
    form = SearchForm(
        values={"period": "3m"},
        several={
            "media": ("phone", "chat"),
            "queue": ("Support",),
            "column": found.columns if found else (),
        },
        faults={"email": "?"} if found and not found.rows else {},
        queues=tuple((name, name) for name in QUEUES),
        agents=tuple((name, name) for name in AGENTS),
        outcomes=(
            ("answered", words.outcome("answered", media="phone")),
            ("abandoned", words.outcome("abandoned", media="phone")),
        ),
    )
    return SearchPage(form=form, hits=found)
