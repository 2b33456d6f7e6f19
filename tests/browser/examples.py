"""Made-up values for every page: nobody here exists."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from valv.portal import contexts as c
from valv.portal import words

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
ALL_PAGES = frozenset({"search", "surveys", "tonight", "storage-times", "audit-log"})
MEDIA = ("phone", "phone", "chat", "phone", "email", "phone", "social", "etask")


def frame(language: str, theme: str, here: str = "search", **more: object) -> c.Frame:
    known: dict[str, object] = {
        "person": "Alma Berg",
        "tenant": "Acme",
        "pages": ALL_PAGES,
        **more,
    }
    return c.Frame(language=language, theme=theme, here=here, **known)  # type: ignore[arg-type]


def _identity(i: int, media: str) -> tuple[str, str, str]:
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


def row(i: int) -> c.Row:
    media = MEDIA[i % len(MEDIA)]
    state, identity, also = _identity(i, media)
    score = (9, None, None, 4, None, 7)[i % 6]
    return c.Row(
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
    )


def hits(**more: object) -> c.Hits:
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
        **more,
    }
    return c.Hits(**known)  # type: ignore[arg-type]


def search(found: c.Hits | None) -> c.SearchPage:
    form = c.SearchForm(
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
    return c.SearchPage(form=form, hits=found)


def _steps() -> tuple[c.Step, ...]:
    stretches = (
        ("menu", "Huvudmeny", 0, 24),
        ("consent", "Inspelning godkänd (1)", 21, None),
        ("queue", "Support", 24, 83),
        ("conversation", "Bo Ek", 107, 248),
        ("recording", "1", 112, 240),
        ("consult", "Cleo Lind", 220, 45),
        ("registration", "Leverans › Försenad", 350, None),
    )
    return tuple(
        c.Step(
            kind,
            label,
            NOW + timedelta(seconds=at),
            seconds,
            left=round(at / 3.6, 2),
            width=round((seconds or 0) / 3.6, 2),
        )
        for kind, label, at, seconds in stretches
    )


def entries(count: int) -> tuple[c.LogEntry, ...]:
    acts = (
        ("play", "recording", ""),
        ("see", "chat_log", ""),
        ("download", "recording", "Klagomål"),
        ("search", "", ""),
        ("delete", "recording", "Kunden bad om det"),
        ("purge", "", ""),
    )
    made = []
    for i in range(count):
        action, content, reason = acts[i % len(acts)]
        kind = (
            "system" if action == "purge" else "support" if i % 5 == 1 else "internal"
        )
        who = words.who(AGENTS[i % 4] if kind != "system" else "valv", actor_type=kind)
        made.append(
            c.LogEntry(
                seq=str(4200 - i),
                at=NOW - timedelta(minutes=13 * i),
                action=action,
                sentence=words.sentence(
                    action, who=who, content=content, interaction="7f3a01c4"
                ),
                actor_type=kind,
                reason=reason,
                href="/interactions/1" if content else "",
            )
        )
    return tuple(made)


def _turns(*, spoken: bool) -> tuple[c.Turn, ...]:
    said = (
        ("bot", "", "Hej! Vad kan vi hjälpa till med?"),
        ("customer", "Anna Exempel", "Hej, min leverans har inte kommit."),
        ("agent", "Bo Ek", "Det var tråkigt. Jag tittar på det med en gång."),
        ("system", "", "Bo Ek öppnade ordern."),
        ("agent", "Bo Ek", "Den ligger hos budet och kommer i morgon före tolv."),
        ("customer", "Anna Exempel", "Tack, då vet jag!\nHa en fin dag."),
    )
    return tuple(
        c.Turn(
            role,
            name,
            text,
            at=None if spoken else NOW + timedelta(seconds=17 * i),
            seconds=4.0 + 17 * i if spoken else None,
        )
        for i, (role, name, text) in enumerate(said)
        if not spoken or role in {"customer", "agent"}
    )


def _recording(n: int, state: str = "present", **more: object) -> c.Content:
    known: dict[str, object] = {
        "seconds": 240.0,
        "bytes": 1_290_000,
        "agent": "Bo Ek",
        "may_open": True,
        "may_download": True,
        "may_delete": True,
        **more,
    }
    return c.Content("recording", n, state, **known)  # type: ignore[arg-type]


def call(**more: object) -> c.InteractionPage:
    removed = c.Removal(NOW, by="Alma Berg", reason="Kunden bad om det")
    play = c.Play("/sound.wav", "/peaks.json", ("Kund", "Agent"), at_once=False)
    known: dict[str, object] = {
        "id": "3700000000000000001",
        "session_id": "7f3a01c4-55e0",
        "media": "phone",
        "direction": "inbound",
        "started_at": NOW,
        "ended_at": NOW + timedelta(seconds=360),
        "identity_state": "known",
        "identities": (
            c.Identity("phone", "+46 70 174 06 05"),
            c.Identity("name", "Anna Exempel"),
        ),
        "queue": "Support",
        "agents": ("Bo Ek", "Cleo Lind"),
        "wait_seconds": 83.0,
        "talk_seconds": 248.0,
        "outcome": "answered",
        "variables": (("order", "A-1047"), ("vip", "true")),
        "registration": (("Leverans", "Försenad"),),
        "steps": _steps(),
        "contents": (
            _recording(1, play=play),
            _recording(2, restricted=True),
            _recording(3, "deleted", removal=removed),
            _recording(4, "expired", removal=c.Removal(NOW)),
            _recording(5, "refused", seconds=None),
            _recording(6, "awaiting", seconds=None),
            c.Content("transcript", 1, "present", may_open=True, may_delete=True),
        ),
        "survey": c.SurveyAnswer(9, 0, 10, "Snabbt och vänligt.", NOW),
        "goes_on": date(2027, 5, 23),
        "back": "/search/q7Yd2",
        "looked": entries(4),
        **more,
    }
    return c.InteractionPage(**known)  # type: ignore[arg-type]


def chat() -> c.InteractionPage:
    log = c.Content(
        "chat_log",
        1,
        "present",
        turns=_turns(spoken=False),
        may_open=True,
        may_download=True,
        may_delete=True,
    )
    transcript = c.Content("transcript", 1, "present", turns=_turns(spoken=True))
    return call(
        media="chat",
        identity_state="anonymised",
        identities=(),
        anonymised_at=NOW,
        contents=(log, transcript),
        variables=(),
        held=True,
        looked=(),
    )


def email() -> c.InteractionPage:
    return call(
        media="email",
        identities=(c.Identity("email", "karin@example.com"),),
        subject="Fråga om faktura 1047",
        url="https://mail.example.com/item/1047",
        contents=(),
        steps=(),
        survey=None,
        looked=None,
    )


def confirm() -> c.ConfirmPage:
    return c.ConfirmPage(
        action="/search/q7Yd2/act",
        what="recording",
        back="/search/q7Yd2",
        count=1_204,
        held=3,
    )


def confirm_one() -> c.ConfirmPage:
    back = "/interactions/3700000000000000001"
    return c.ConfirmPage(
        action=f"{back}/recordings/1/delete", what="recording", back=back, n=1
    )


def _survey_row(i: int) -> c.SurveyRow:
    score = (9, 10, 3, 7, 8)[i % 5]
    state, identity, _also = _identity(i, "phone")
    return c.SurveyRow(
        href=f"/interactions/{i}",
        at=NOW - timedelta(hours=5 * i),
        score=score,
        highest=10,
        mood="low" if score < 7 else "mid" if score < 9 else "high",
        comment=("Snabbt och vänligt.", "", "Fick vänta för länge i kön.")[i % 3],
        session=f"7f3a{i:04x}",
        identity_state=state,
        identity=identity,
        media="chat" if i % 4 == 2 else "phone",
        queue=QUEUES[i % 5],
        agents=AGENTS[i % 4],
    )


def surveys() -> c.SurveysPage:
    counts = (4, 2, 3, 6, 5, 9, 14, 31, 62, 88, 71)
    return c.SurveysPage(
        period="2026-10-24 – 2026-11-23",
        rows=tuple(_survey_row(i) for i in range(14)),
        distribution=tuple(enumerate(counts)),
        trend=tuple(
            (
                date(2026, 10, 24) + timedelta(days=i),
                7.4 + (i * 37 % 17) / 10 - 0.6,
                6 + i % 9,
            )
            for i in range(30)
        ),
        values={"from": "2026-10-24", "to": "2026-11-23"},
        queues=tuple((name, name) for name in QUEUES),
        count=295,
        mean=8.1,
        next="/surveys?after=x",
        may_export=True,
    )


def storage_times(*, preview: bool) -> c.StorageTimesPage:
    return c.StorageTimesPage(
        times=(
            c.StorageTime("general", "days", "180", 180, 41_204, date(2026, 5, 27)),
            c.StorageTime("recordings", "days", "14", 14, 3_911, date(2026, 11, 9)),
            c.StorageTime(
                "chat_logs",
                "days",
                "x",
                30,
                870,
                date(2026, 10, 24),
                "?" if preview else "",
            ),
            c.StorageTime("transcripts", "follow", "", 180, 640, date(2026, 6, 1)),
            c.StorageTime("surveys", "follow", "", 180, 2_004, date(2026, 5, 28)),
            c.StorageTime("raw_events", "ever", "", 180, 412_880, date(2025, 12, 1)),
        ),
        changes=(
            c.StorageChange("recordings", 30, 14, 1_804),
            c.StorageChange("transcripts", 90, 180, 0),
        )
        if preview
        else None,
        changed_at=NOW,
        changed_by="Alma Berg",
        may_change=True,
    )


def tonight() -> c.TonightPage:
    def night(i: int) -> c.NightDay:
        taken = (
            ("general", 180 + 31 * i % 70),
            ("recordings", 95 + 53 * i % 80),
            ("chat_logs", 24 + 7 * i % 20),
            ("transcripts", 12),
            ("surveys", 9 + i),
            ("raw_events", 0),
        )
        return c.NightDay(date(2026, 11, 24) + timedelta(days=i), taken)

    def run(i: int, state: str, *faults: str) -> c.NightRun:
        at = datetime(2026, 11, 23, 23, 0, tzinfo=UTC) - timedelta(days=i + 1)
        taken = (
            ("general", 201),
            ("recordings", 118),
            ("chat_logs", 31),
            ("identifiers", 44),
        )
        on = date(2026, 11, 23) - timedelta(days=i)
        return c.NightRun(on, state, at, at + timedelta(seconds=41), taken, 3, faults)

    return c.TonightPage(
        starts_at=datetime(2026, 11, 23, 23, 0, tzinfo=UTC),
        days=tuple(night(i) for i in range(14)),
        held=3,
        runs=(
            run(0, "done"),
            run(1, "partly", "2 recordings could not be removed from the store."),
            run(2, "done"),
        ),
    )


def audit_log() -> c.AuditPage:
    return c.AuditPage(
        entries=entries(16),
        values={"from": "2026-11-01"},
        next="4184",
        verdict=c.Verdict(ok=True, size=4_200, pending=1),
        may_verify=True,
    )


PAGES: dict[str, tuple[str, str, Callable[[], object]]] = {
    "sign-in": (
        "sign_in.html",
        "",
        lambda: c.SignInPage(providers=(("/oidc", "Acme ID"),)),
    ),
    "sign-in-code": ("sign_in_code.html", "", lambda: c.SignInCodePage(fault="?")),
    "search": (
        "search.html",
        "search",
        lambda: search(hits(past_storage=date(2026, 9, 1))),
    ),
    "search-start": ("search.html", "search", lambda: search(None)),
    "search-none": (
        "search.html",
        "search",
        lambda: search(hits(rows=(), count=0, capped=False, by_person=True)),
    ),
    "call": ("interaction.html", "search", call),
    "chat": ("interaction.html", "search", chat),
    "email": ("interaction.html", "search", email),
    "confirm": ("confirm.html", "search", confirm),
    "confirm-part": ("confirm_box.html", "search", confirm_one),
    "surveys": ("surveys.html", "surveys", surveys),
    "storage-times": (
        "storage_times.html",
        "storage-times",
        lambda: storage_times(preview=False),
    ),
    "storage-change": (
        "storage_times.html",
        "storage-times",
        lambda: storage_times(preview=True),
    ),
    "tonight": ("tonight.html", "tonight", tonight),
    "audit-log": ("audit_log.html", "audit-log", audit_log),
    "not-found": ("404.html", "", lambda: None),
}
