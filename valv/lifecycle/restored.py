"""A copy that was put back knows nobody who was forgotten after it was made.

Whatever the copy holds whose key does not live any more is blanked before anybody is
served: identifiers with their hashes and links, what was written, content, and whom a
job was about. An interaction whose text key is gone was cut, or ended, since: it names
nobody either, though another may still name the same person. It is done in batches, and
goes on where it was if it is cut short.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from valv.archive import contents, prepared
from valv.archive.evidence_models import NOBODY_ANY_MORE
from valv.archive.models import (
    ChatCopy,
    ChatPart,
    Consent,
    Content,
    Identifier,
    Interaction,
    OtherParty,
    RawEvent,
    SecureLink,
    SharedCopy,
    StoredSearch,
    Survey,
)
from valv.audit.actions import Action
from valv.audit.changes import cut_from
from valv.audit.operations import Act, record
from valv.core.entries import Personal
from valv.core.interaction import ContentKind, ContentState
from valv.core.links import Ended
from valv.core.people import Actor
from valv.lifecycle.matching import hanging_on
from valv.lifecycle.models import Job, PrivacyRequest
from valv.lifecycle.plans import JobState
from valv.lifecycle.purge import clear_flags
from valv.sharing.link_ends import end_where
from valv.storage import intents, keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant

BATCH = 200
WHY = "gone since this copy was made"
LIVING = (ContentState.PRESENT.number, ContentState.AWAITING.number)
ENDED = (JobState.DONE, JobState.CANCELLED)
# What is written under an interaction's text key: where, and blank.
WRITTEN: tuple[tuple[Any, str, str, bytes | None], ...] = (
    (Interaction, "id", "text", None),
    (Survey, "interaction_id", "comment", None),
    (Consent, "interaction_id", "sealed", None),
    (RawEvent, "interaction_id", "body", b""),
)


def blank_keyless(tenant: Tenant, *, actor: Actor, now: datetime) -> dict[str, int]:
    """Blank what has no key any more; answers how much, and enters it."""
    counts = {
        "identifiers": _blank_people(tenant, actor, now),
        "texts": _blank_texts(tenant, actor, now),
        "contents": _bury(tenant, actor, now),
        "jobs": _end_jobs(tenant),
    }
    with scope.writing(tenant.id):
        StoredSearch.objects.all().delete()
        act = Act(Action.OPERATE, details={"restored": counts})
        record(act, actor=actor, now=now)
    return counts


def _keyless(
    tenant: Tenant, kind: KeyKind, rows: Any, column: str = "id"
) -> Iterator[list[int]]:
    """Ids of rows whose key is gone, some at a time."""
    last = -1
    while True:
        with scope.reading(tenant.id):
            found = rows().filter(**{f"{column}__gt": last}).order_by(column)
            ids = sorted(set(found.values_list(column, flat=True)[:BATCH]))
        if not ids:
            return
        last = ids[-1]
        living = keys.read(tenant.id, kind, ids)
        lost = [id_ for id_ in ids if id_ not in living]
        if lost:
            yield lost


def _blank_people(tenant: Tenant, actor: Actor, now: datetime) -> int:
    """Links first: while there are any the value is looked for again."""
    count = 0
    known = Identifier.objects
    for lost in _keyless(
        tenant, KeyKind.IDENTIFIER, lambda: known.filter(sealed__isnull=False)
    ):
        with scope.reading(tenant.id):
            hanging = sorted(hanging_on(lost))
        for start in range(0, len(hanging), BATCH):
            with scope.writing(tenant.id):
                _unlink(hanging[start : start + BATCH], now)
        to, code_to = Q(recipient_id__in=lost), Q(code_to_id__in=lost)
        _end_links(tenant, to, code_to, actor=actor, now=now)
        with scope.writing(tenant.id):
            blank = {"hash": None, "sealed": None, "mentioned_at": None}
            known.filter(id__in=lost).update(**blank)
        count += len(lost)
    return count


def _end_links(
    tenant: Tenant, to: Q, code_to: Q, *, actor: Actor, now: datetime
) -> None:
    """Secure links to whom nobody knows any more, or of what is cut, lead nowhere."""
    with scope.writing(tenant.id):
        ended = end_where(to | code_to, Ended.FORGOTTEN, actor=actor, now=now)
        SecureLink.objects.filter(to).update(recipient_id=NOBODY_ANY_MORE)
        SecureLink.objects.filter(code_to).update(code_to_id=NOBODY_ANY_MORE)
        doomed = intents.commit(ended)
    intents.carry_out(tenant.id, doomed)


def _unlink(ids: list[int], now: datetime) -> None:
    rows = Interaction.objects.filter(id__in=ids)
    rows.filter(anonymised_at=None).update(anonymised_at=now)
    rows.update(
        phone_id=None, email_id=None, name_id=None, handle_id=None, has_others=False
    )
    OtherParty.objects.filter(interaction_id__in=ids).delete()
    copies = ChatCopy.objects.filter(interaction_id__in=ids)
    copies.update(identifier_id=NOBODY_ANY_MORE)


def _blank_texts(tenant: Tenant, actor: Actor, now: datetime) -> int:
    count = 0
    for model, column, field, blank in WRITTEN:
        filled = {f"{field}__isnull": False}
        for lost in _keyless(
            tenant,
            KeyKind.TEXT,
            lambda model=model, filled=filled: model.objects.filter(**filled),
            column,
        ):
            _cut(tenant, lost, actor, now)
            with scope.writing(tenant.id):
                rows = model.objects.filter(**{f"{column}__in": lost}, **filled)
                count += rows.update(**{field: blank})
    return count


def _cut(tenant: Tenant, ids: list[int], actor: Actor, now: datetime) -> None:
    of_them = Q(interaction_id__in=ids)
    _end_links(tenant, of_them, of_them, actor=actor, now=now)
    with scope.writing(tenant.id):
        _unlink(ids, now)
        cut_from(
            of_them & Q(identifier_id__isnull=False),
            Personal.IDENTIFIER,
            why=Act(Action.OPERATE, details={"restored": len(ids)}),
            actor=actor,
            now=now,
        )


def _bury(tenant: Tenant, actor: Actor, now: datetime) -> int:
    """Content that does not open is called gone, for its bytes say nothing."""
    count = 0
    held = Content.objects
    for lost in _keyless(
        tenant,
        KeyKind.CONTENT,
        lambda: held.filter(state__in=LIVING, id__isnull=False),
    ):
        with scope.writing(tenant.id):
            rows = list(held.filter(id__in=lost))
            for row in rows:
                state = ContentState.DELETED
                contents.entomb(row, state, by=actor.name, reason=WHY, now=now)
            ChatPart.objects.filter(content_id__in=lost).delete()
            SharedCopy.objects.filter(of_id__in=lost).delete()
            for kind in ContentKind:
                ids = {r.interaction_id for r in rows if r.kind == kind.number}
                clear_flags(ids, kind)
        count += len(lost)
    _end_files(tenant, now)
    for lost in _keyless(tenant, KeyKind.CONTENT, SharedCopy.objects.all):
        with scope.writing(tenant.id):
            SharedCopy.objects.filter(id__in=lost).delete()
    return count


def _end_files(tenant: Tenant, now: datetime) -> None:
    """Prepared files are made again by whoever still needs one."""
    with scope.writing(tenant.id):
        ended = intents.commit(prepared.files_ending(Q(), now=now))
    intents.carry_out(tenant.id, ended)


def _end_jobs(tenant: Tenant) -> int:
    """A job that knows nobody any more was finished after the copy was made.

    So was a request.
    """
    count = 0
    for lost in _keyless(tenant, KeyKind.JOB, lambda: _sealed(PrivacyRequest)):
        with scope.writing(tenant.id):
            PrivacyRequest.objects.filter(id__in=lost).update(sealed=None)
        count += len(lost)
    for lost in _keyless(tenant, KeyKind.JOB, lambda: _sealed(Job)):
        with scope.writing(tenant.id):
            rows = Job.objects.filter(id__in=lost)
            rows.exclude(state__in=ENDED).update(state=JobState.CANCELLED)
            rows.update(sealed=None)
        count += len(lost)
    return count


def _sealed(model: type[Job] | type[PrivacyRequest]) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(sealed__isnull=False)
    return found
