"""Content that is held, brought in line with what is decided about it.

Asked of all of an interaction's content whenever something more is told of it. What is
refused becomes a tombstone that names the rule; what waited and may be kept is there
from that commit on; what was there and has to wait after all is there no more. The keys
of what is refused go after the commit, by the intents answered here, and before the
source is answered. No hold protects it, for it ought never to have been kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from valv.archive import contents
from valv.archive.flags import FLAG_OF_KIND
from valv.archive.models import ChatPart, Content, Interaction
from valv.archive.storage_terms import Sorting
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Refused
from valv.core.interaction import ContentKind, ContentState
from valv.core.people import Actor
from valv.intake import pauses
from valv.intake.contents import refuse
from valv.intake.decisions import BY_POLICY, Rules, Ruling, judge_again, refusal_by
from valv.intake.drafts import set_flag
from valv.intake.told import Evidence
from valv.storage import intents
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant
from valv.tenants.queries import recording_policy

BY_RULE = "rule"
# What is refused leaves no more than if it had been refused before it came.
NOT_KEPT = ("started_at", "agent_id", "seconds", "channels", "bytes", "stored_bytes")
PRESENT, AWAITING = ContentState.PRESENT.number, ContentState.AWAITING.number
RECORDING, REFUSED = ContentKind.RECORDING.number, ContentState.REFUSED.number


@dataclass(frozen=True, slots=True)
class Asked:
    """On whose behalf, by whom and when; how long content is kept, by which rules.

    ``loud`` collects the interactions with sound in a pause, to be seen to afterwards.
    """

    tenant: Tenant
    kept: Sorting
    actor: Actor
    now: datetime
    rules: Rules = field(default_factory=Rules)
    loud: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, tenant: Tenant, *, actor: Actor, now: datetime) -> "Asked":
        """With what is set by now. Inside a scope."""
        return cls(tenant, Sorting(), actor, now)


def refusal_of(asked: Asked, row: Interaction, kind: ContentKind) -> Refused | None:
    """The rule that forbids content of this kind, whatever is told, if one does."""
    try:
        refuse(asked.tenant, row, kind, kept=asked.kept)
    except Refused as refusal:
        return refusal
    return None


def settle(
    asked: Asked, row: Interaction, held: Sequence[Content], evidence: Evidence
) -> list[Intent]:
    """Refuse, show or hide what is held, inside the ``writing`` scope.

    ``held`` is all content of the locked interaction ``row``, whose flags are brought
    up to date. Answers the intents to be carried out after the scope, before the
    answer. What is past its storage time is left to the night.
    """
    doomed = unfinished(held)
    for content in filter(_is_open, held):
        before = content.state
        doomed += _settle(asked, row, content, held, evidence)
        if content.state != before:
            _set_flags(row, held)
    return doomed


def unfinished(held: Iterable[Content]) -> list[Intent]:
    """What was refused before and is not destroyed yet: whoever asks again waits too.

    So that no refusal is acknowledged before, even if the first answer was an error.
    """
    refused = (one.id for one in held if one.state == REFUSED and one.id is not None)
    return intents.unfinished(KeyKind.CONTENT, refused)


def _bearer(content: Content, held: Iterable[Content]) -> Content:
    """A transcript is judged as the recording that it is of."""
    recordings = (one for one in held if one.kind == RECORDING and one.n == content.n)
    is_transcript = content.kind == ContentKind.TRANSCRIPT.number
    return next(recordings, content) if is_transcript else content


def _is_open(content: Content) -> bool:
    """Whether anything may still become of it but removal."""
    return content.state in (PRESENT, AWAITING) or bool(content.provisional)


def _settle(
    asked: Asked,
    row: Interaction,
    content: Content,
    held: Sequence[Content],
    evidence: Evidence,
) -> list[Intent]:
    try:
        ruling = ruling_on(asked, row, content, held, evidence)
    except Refused as refusal:
        return _refuse(asked, row, content, evidence, refusal)
    if content.state == REFUSED:
        _take_back(content)
    elif contents.has_bytes(content) and evidence.is_whole:
        is_loud = _is_loud(asked, content, evidence)
        return _show(asked, content, ruling, is_loud=is_loud)
    return []


def _is_loud(asked: Asked, content: Content, evidence: Evidence) -> bool:
    """Whether there is sound in a pause: it is made anew after the commit."""
    before = content.pauses
    if pauses.note(content, evidence):
        asked.loud.add(content.interaction_id)
        return True
    if content.pauses != before:
        content.save(update_fields=["pauses"])
    return False


def ruling_on(
    asked: Asked,
    row: Interaction,
    content: Content,
    held: Iterable[Content],
    evidence: Evidence,
) -> Ruling:
    """What is decided of content, one of all that is ``held``, by what is known by now.

    Raises Refused for what may not be kept.
    """
    kind, bearer = ContentKind.numbered(content.kind), _bearer(content, held)
    refuse(asked.tenant, row, kind, kept=asked.kept)
    if bearer.state == REFUSED and bearer is not content:
        raise refusal_by(bearer.removed_reason)
    return judge_again(asked.rules, row, content, bearer, evidence)


def _take_back(content: Content) -> None:
    """Await what was refused too early; not a byte of it has come."""
    contents.show(content, on=False)
    content.provisional = False
    content.save()


def _refuse(
    asked: Asked,
    row: Interaction,
    content: Content,
    evidence: Evidence,
    refusal: Refused,
) -> list[Intent]:
    if content.state == REFUSED:
        return []
    is_late = refusal.rule == "storage_time"
    if content.state == PRESENT and (is_late or _was_judged(refusal, evidence)):
        return []
    return bury(asked, row.id, content, refusal)


def _was_judged(refusal: Refused, evidence: Evidence) -> bool:
    """Whether the events by which it was judged are held no more."""
    return refusal.rule in BY_POLICY and not evidence.is_whole


def _show(
    asked: Asked, content: Content, ruling: Ruling, *, is_loud: bool
) -> list[Intent]:
    """Let it be there, or not, as was decided; entered in the log if that is news.

    What has to wait after all is shared with nobody any more.
    """
    waits = ruling.waits or is_loud
    is_news, was = (content.state == PRESENT) is waits, content.rule
    content.rule = ruling.rule
    if not is_news:
        if content.rule != was:
            content.save(update_fields=["rule"])
        return []
    contents.show(content, on=not waits)
    content.save()
    act = Act(
        Action.WITHHOLD if waits else Action.KEEP,
        content.interaction_id,
        content=_name_of(content),
        details={"rule": ruling.rule} if ruling.rule else {},
    )
    record(act, actor=asked.actor, now=asked.now)
    return contents.withdraw_copies(content, now=asked.now) if waits else []


def _name_of(content: Content) -> str:
    return f"{ContentKind.numbered(content.kind).value}:{content.n}"


def bury(
    asked: Asked, interaction_id: int, content: Content, refusal: Refused
) -> list[Intent]:
    """Turn content into a tombstone that names the rule, inside the ``writing`` scope.

    What the policy refuses before a byte of it has come may yet be taken back.
    """
    if content.kind == ContentKind.CHAT_LOG.number:
        ChatPart.objects.filter(interaction_id=interaction_id).delete()
    for name in NOT_KEPT:
        setattr(content, name, None)
    doomed = contents.bury(
        content,
        ContentState.REFUSED,
        by=BY_RULE,
        reason=refusal.rule,
        now=asked.now,
    )
    if content.id is None and refusal.rule in BY_POLICY:
        content.provisional = True
        content.save()
    note(
        interaction_id,
        refusal,
        actor=asked.actor,
        now=asked.now,
        content=_name_of(content),
    )
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


def _set_flags(row: Interaction, held: Iterable[Content]) -> None:
    there = {content.kind for content in held if content.state == PRESENT}
    for kind, flag in FLAG_OF_KIND.items():
        set_flag(row, flag, on=kind.number in there)


def tombstone(
    row: Interaction, kind: ContentKind, n: int, refusal: Refused, *, now: datetime
) -> Content:
    """The row that says why nothing is there, and by which version of the policy."""
    by_policy = refusal.rule in BY_POLICY
    return Content(
        interaction_id=row.id,
        kind=kind.number,
        n=n,
        state=ContentState.REFUSED.number,
        aged_from=row.aged_from,
        terms=row.terms,
        removed_at=now,
        removed_by=BY_RULE,
        removed_reason=refusal.rule,
        policy_version=recording_policy().version if by_policy else None,
    )


def lay_tombstone(
    row: Interaction, kind: ContentKind, n: int, refusal: Refused, *, now: datetime
) -> bool:
    """Say of bytes that were refused why nothing is there. Inside ``writing``.

    Whatever is known later, it is not taken back. Answers whether it is said anew.
    """
    before = contents.row_of(row.id, kind, n)
    if before is None:
        tombstone(row, kind, n, refusal, now=now).save(force_insert=True)
        return True
    if before.state != REFUSED or not before.provisional:
        return False
    before.provisional = False
    before.save()
    return True
