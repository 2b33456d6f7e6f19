"""What a page sends, shows, takes or deletes is what the table of rights says it does.

The column *content* of ``docs/rights.md``, held against the audit log for each page, as
``test_every_act_is_entered`` does for the API.
"""

from collections import defaultdict
from typing import Any

import pytest

from tests.intake.asking import Source
from tests.laws.entered import TOLD, last_entry, parts_in, parts_since
from tests.laws.laying import EMAIL, Laid, lay
from tests.peers.smtp import Mailbox
from tests.portal.visiting import Visitor
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
PAGES = {way: told for way, told in TOLD.items() if not way[1].startswith("/api/")}
CALL, CHAT, OTHER = (f"/interactions/{{{name}}}" for name in ("call", "chat", "other"))
AN = "/interactions/<str:interaction_id>"
SURE = {"reason": "Asked to", "confirmed": "yes"}
OFFER = {"address": EMAIL, "days": "7", "plays": "2"}
LINK = {**OFFER, "contents": ["recording:1", "transcript:1"]}
CHAT_LINK = {**OFFER, "contents": ["chat_log:1"]}
Way = tuple[str, str]

# The address of each, and what its form says. In this order: what is deleted is gone.
ASKED: list[tuple[Way, str, dict[str, Any]]] = [
    (("GET", AN), CALL, {}),
    (("GET", f"{AN}/correct"), f"{CALL}/correct", {}),
    (("POST", f"{AN}/recordings/<int:n>/play"), f"{CALL}/recordings/1/play", {}),
    (("POST", f"{AN}/recordings/<int:n>/mp3"), f"{CALL}/recordings/1/mp3", {}),
    (("POST", f"{AN}/chat-log/see"), f"{CHAT}/chat-log/see", {}),
    (("POST", f"{AN}/chat-log/<str:form>"), f"{CHAT}/chat-log/xml", {}),
    (("POST", f"{AN}/transcripts/<int:n>/see"), f"{CALL}/transcripts/1/see", {}),
    (("GET", f"{AN}/copy-chat-log"), f"{CHAT}/copy-chat-log", {}),
    (("POST", f"{AN}/copy-chat-log"), f"{CHAT}/copy-chat-log", {"address": EMAIL}),
    (("GET", f"{AN}/links/new"), f"{CALL}/links/new", {}),
    (("POST", f"{AN}/links/new"), f"{CALL}/links/new", LINK),
    (("POST", f"{AN}/links/new"), f"{CHAT}/links/new", CHAT_LINK),
    (("GET", "/links"), "/links", {}),
    (("POST", "/surveys.xlsx"), "/surveys.xlsx", {}),
    (("GET", "/raw-data"), "/raw-data", {}),
    (("POST", "/raw-data"), "/raw-data", {}),
    (("POST", "/raw-data/<str:form>"), "/raw-data/xlsx", {}),
    (("POST", f"{AN}/raw-data"), f"{CALL}/raw-data", {}),
    (("GET", f"{AN}/transcripts/<int:n>/delete"), f"{CALL}/transcripts/1/delete", {}),
    (
        ("POST", f"{AN}/transcripts/<int:n>/delete"),
        f"{OTHER}/transcripts/1/delete",
        SURE,
    ),
    (("GET", f"{AN}/recordings/<int:n>/delete"), f"{CALL}/recordings/1/delete", {}),
    (("POST", f"{AN}/recordings/<int:n>/delete"), f"{CALL}/recordings/1/delete", SURE),
    (("GET", f"{AN}/delete-chat-log"), f"{CHAT}/delete-chat-log", {}),
    (("POST", f"{AN}/delete-chat-log"), f"{CHAT}/delete-chat-log", SURE),
]
EXCEPTED = {
    ("GET", "/surveys"): "a list, entered as a search",
    ("GET", "/plays/<str:handle>"): "entered where the handle was got",
    ("GET", "/plays/<str:handle>/peaks"): "entered where the handle was got",
    ("GET", "/subject-access/<str:job_id>/files/<int:n>"): "in test_subject_access",
    ("GET", "/jobs/<str:job_id>/files/<int:n>"): "in portal/test_acts_on_hits",
    ("POST", f"{AN}/links/<str:link>/cancel"): "in sharing/test_links",
}


@pytest.fixture
def visitor(alma: User) -> Visitor:
    """Who may do everything, and has just signed in."""
    with scope.writing(alma.tenant_id):
        every = sorted(right.value for right in Right if right is not Right.OWN)
        User.objects.filter(id=alma.id).update(rights=every)
    return Visitor().enters(alma)


@pytest.fixture
def laid(source: Source) -> Laid:
    return lay(source, "law")


def names_a_part(method: str, path: str) -> bool:
    told = PAGES[method, path]
    return told == "all content" or bool(parts_in(told))


def test_every_page_that_names_a_part_is_asked_or_excepted() -> None:
    naming = {
        way for way, told in PAGES.items() if parts_in(told) or told == "all content"
    }

    assert naming <= {way for way, _, _ in ASKED} | EXCEPTED.keys()
    assert EXCEPTED.keys() <= naming


def test_a_page_enters_the_parts_that_the_table_names(
    source: Source, laid: Laid, visitor: Visitor, mailbox: Mailbox
) -> None:
    other = lay(source, "other").call
    names = {"call": laid.call, "chat": laid.chat, "other": other}
    found: dict[Way, set[str]] = defaultdict(set)
    for way, path, fields in ASKED:
        last = last_entry(source.tenant)
        ask = visitor.get if way[0] == "GET" else visitor.post
        answer = ask(path.format(**names), **fields)
        assert answer.status_code in {200, 303}, way
        b"".join(answer)
        found[way] |= parts_since(source.tenant, last)

    assert found == {way: parts_in(PAGES[way]) for way in found}


def test_a_page_that_names_no_part_enters_none(
    source: Source, laid: Laid, visitor: Visitor
) -> None:
    last = last_entry(source.tenant)
    plain = [path for method, path in PAGES if method == "GET" and "<" not in path]
    silent = [path for path in plain if not names_a_part("GET", path)]
    opened = [path for path in silent if visitor.get(path).status_code == 200]

    assert len(opened) > 20
    assert parts_since(source.tenant, last) == set()
