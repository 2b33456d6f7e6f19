"""The lock on restricted content: it opens for a stated purpose, and with the right.

Asked in the transaction that enters the act, so that a refusal which came a moment ago
counts; each refusal of the lock is itself entered, naming its rule. General information
is not locked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from valv.archive.models import Consent, Interaction
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.answers import Answer, Purpose
from valv.core.errors import Refused
from valv.core.permissions import Right
from valv.core.purposes import Given, Use, check_use, uses_open
from valv.storage import scope
from valv.tenants.access import Caller

RESTRICTED = "restricted"


def check(caller: Caller, interaction: Interaction, use: Use | None) -> None:
    """Raises Refused: ``purpose_required``, ``restricted`` or ``purpose_refused``.

    Inside a scope. What is not restricted opens without a purpose.
    """
    if not interaction.restricted:
        return
    if use is not None and not caller.may(Right.RESTRICTED):
        raise Refused(RESTRICTED, "This needs the right to restricted content.")
    check_use(use, answers_of(interaction.id))


def opens(caller: Caller, interaction: Interaction, use: Use | None) -> bool:
    """Whether ``check`` would let it pass. Inside a scope."""
    return not interaction.restricted or use in uses_of(caller, interaction)


def answers_of(interaction_id: int) -> list[Given]:
    """All that the person answered. Inside a scope."""
    found = Consent.objects.filter(interaction_id=interaction_id)
    return [
        (Purpose.numbered(purpose), Answer.numbered(answer))
        for purpose, answer in found.values_list("purpose", "answer")
    ]


def uses_of(caller: Caller, interaction: Interaction) -> tuple[Use, ...]:
    """What the caller may open its restricted content for; nothing without the right.

    Inside a scope.
    """
    if not interaction.restricted or not caller.may(Right.RESTRICTED):
        return ()
    return uses_open(answers_of(interaction.id))


@contextmanager
def entered(
    caller: Caller,
    interaction_id: int,
    content: str,
    use: Use | None,
    *,
    now: datetime,
    action: Action = Action.DENY,
) -> Iterator[None]:
    """Enter in the audit log what the lock refuses inside; outside of every scope."""
    try:
        yield
    except Refused as refusal:
        told = {"rule": refusal.rule, **purpose_of(use)}
        act = Act(action, interaction_id, content=content, details=told)
        with scope.writing(caller.tenant.id):
            record(act, actor=caller.actor, now=now)
        raise


def purpose_of(use: Use | None) -> dict[str, str]:
    """What an entry in the log says of the purpose."""
    return {} if use is None else {"purpose": use.value}
