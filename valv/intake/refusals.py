"""What came before a refusal was known: destroyed before the refusal is answered.

A refusal once given stands. What a rule no longer allows becomes a tombstone that names
the rule; the keys go after the commit, by the intents answered here. No hold protects
it, for it ought never to have been kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from valv.archive import contents
from valv.archive.flags import FLAG_OF_KIND
from valv.archive.models import ChatPart, Content, Interaction
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Refused
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import Actor
from valv.core.retention import StorageTimes
from valv.intake.contents import refuse
from valv.intake.decisions import Rules
from valv.intake.drafts import set_flag
from valv.storage.models import Intent
from valv.tenants.models import Tenant

BY_RULE = "rule"
# What is refused leaves no more than if it had been refused before it came.
NOT_KEPT = ("started_at", "agent_id", "seconds", "channels", "bytes", "stored_bytes")
PRESENT, AWAITING = ContentState.PRESENT.number, ContentState.AWAITING.number


@dataclass(frozen=True, slots=True)
class Asked:
    """On whose behalf, by whom and when, and how long content is kept."""

    tenant: Tenant
    times: StorageTimes
    actor: Actor
    now: datetime
    rules: Rules = field(default_factory=Rules)


def refusal_of(asked: Asked, row: Interaction, kind: ContentKind) -> Refused | None:
    """The rule that forbids content of this kind, if one does."""
    try:
        refuse(asked.tenant, row, kind, times=asked.times)
    except Refused as refusal:
        return refusal
    return None


def enforce(asked: Asked, row: Interaction, held: Sequence[Content]) -> list[Intent]:
    """Bury what is held and no longer allowed, inside the ``writing`` scope.

    ``held`` is all content of the locked interaction ``row``, whose flags are brought
    up to date. Answers the intents to be carried out after the scope, before the
    answer. What is past its storage time is left to the night.
    """
    doomed: list[Intent] = []
    for content in held:
        refusal = _refusal(asked, row, content)
        if refusal is not None:
            doomed += _bury(asked, row, content, refusal)
            _lower_flags(row, held)
    return doomed


def _refusal(asked: Asked, row: Interaction, content: Content) -> Refused | None:
    if content.state not in (PRESENT, AWAITING):
        return None
    refusal = refusal_of(asked, row, ContentKind.numbered(content.kind))
    late = refusal is not None and refusal.rule == "storage_time"
    return None if late and content.state == PRESENT else refusal


def _bury(
    asked: Asked, row: Interaction, content: Content, refusal: Refused
) -> list[Intent]:
    if content.kind == ContentKind.CHAT_LOG.number:
        ChatPart.objects.filter(interaction_id=row.id).delete()
    for name in NOT_KEPT:
        setattr(content, name, None)
    doomed = contents.bury(
        content,
        ContentState.REFUSED,
        by=BY_RULE,
        reason=refusal.rule,
        now=asked.now,
    )
    kind = ContentKind.numbered(content.kind).value
    name = f"{kind}:{content.n}"
    note(row.id, refusal, actor=asked.actor, now=asked.now, content=name)
    return doomed


def note(
    interaction_id: int | None,
    refusal: Refused,
    *,
    actor: Actor,
    now: datetime,
    content: str | None = None,
) -> None:
    """Record a refusal in the audit log, in the scope that is open."""
    details = {"rule": refusal.rule}
    act = Act(Action.REFUSE, interaction_id, content=content, details=details)
    record(act, actor=actor, now=now)


def _lower_flags(row: Interaction, held: Iterable[Content]) -> None:
    left = {content.kind for content in held if content.state == PRESENT}
    for kind, flag in FLAG_OF_KIND.items():
        if kind.number not in left:
            set_flag(row, flag, on=False)


def tombstone(
    row: Interaction, kind: ContentKind, n: int, refusal: Refused, *, now: datetime
) -> Content:
    """The row that says why nothing is there."""
    return Content(
        interaction_id=row.id,
        kind=kind.number,
        n=n,
        state=ContentState.REFUSED.number,
        aged_from=row.aged_from,
        removed_at=now,
        removed_by=BY_RULE,
        removed_reason=refusal.rule,
    )
