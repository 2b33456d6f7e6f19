"""Made-up support access, as a tenant and as support sees it."""

from datetime import timedelta

from tests.browser.example_links import NOW
from valv.portal.contexts.interaction import LogEntry
from valv.portal.contexts.support import DeskPage, Grant, GrantForm, SupportPage

RIGHTS = ("see", "play", "download", "export", "surveys", "raw_data")


def grant(number: int, state: str = "open", **fields: object) -> Grant:
    known: dict[str, object] = {
        "to": "Sam Ek (Team Nord)",
        "reason": "Ärende 4711: ljudet hackar",
        "rights": ("see", "play"),
        "queues": ("Support", "Faktura"),
        "interactions": ("3700000000000000001",),
        "since": NOW - timedelta(days=7),
        "before": NOW,
        "created_at": NOW - timedelta(hours=3),
        "created_by": "Alma Berg",
        "until": NOW + timedelta(days=1),
        "used_at": NOW,
        "used_by": "Sam Ek",
        **fields,
    }
    return Grant(number=number, state=state, **known)  # type: ignore[arg-type]


def form(**fields: object) -> GrantForm:
    known: dict[str, object] = {
        "who": (("team:Nord", "Team Nord"), ("person:1", "Sam Ek (Team Nord)")),
        "rights": RIGHTS,
        "queues": tuple((name, name) for name in ("Faktura", "Support", "Växel")),
        **fields,
    }
    return GrantForm(action="/support-access", **known)  # type: ignore[arg-type]


def support_access(*, none: bool = False) -> SupportPage:
    if none:
        return SupportPage((), (), form(who=()))
    said = (
        "Support: Sam Ek lyssnade på inspelning 1 för förfrågning 7f3a-2291",
        "Support: Sam Ek gick in med supportåtkomst: Sam Ek (Team Nord)",
    )
    done = tuple(
        LogEntry(str(n), NOW, "play", sentence, "support")
        for n, sentence in enumerate(said)
    )
    nothing: dict[str, object] = {"queues": (), "interactions": (), "since": None}
    over = grant(1, "ended", ended_at=NOW, ended_by="Alma Berg", before=None, **nothing)
    return SupportPage((grant(2), over), done, form(fault="?", field="who"))


def support_change() -> SupportPage:
    return SupportPage((grant(2),), (), form(who=()))


def support_desk() -> DeskPage:
    return DeskPage((grant(2, tenant="Acme", tenant_id=1),), "Sam Ek")
