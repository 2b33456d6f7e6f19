"""What `valv doctor` says of a tenant: a line for each finding, about nobody."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from valv.core.completeness import Gap
from valv.intake.standing import Standing, standing_of
from valv.tenants.models import Tenant
from valv.tenants.tokens import ending_soon

LACKING = {
    Gap.RECORDING: "recordings that were announced and have not come",
    Gap.CHAT_LOG: "answered chats without a log",
    Gap.END: "interactions without an end",
    Gap.START: "interactions without a beginning",
    Gap.QUEUE: "interactions in a queue that nobody has confirmed",
    Gap.AGENT: "interactions from which an agent went who never came",
    Gap.RECORDING_START: "recordings that stopped and never started",
    Gap.ENDED_FIRST: "interactions that ended before they started",
    Gap.AFTER_END: "interactions that went on after their end",
    Gap.NUMBERS: "interactions of which a running number is missing",
}
OF_LAST_DAYS = "Tenant “{tenant}”, last 7 days, {what}: {n}."
WORSE = (
    "Tenant “{tenant}”: of {day} {missing} of {expected} parts are missing"
    " ({share:.1%}); of the week before it {before:.1%} are."
)
QUEUES = (
    "Tenant “{tenant}”, queues that nobody has confirmed: {n}. Confirm them on the"
    " page Completeness, or find out who sends them."
)
WAITING = "Tenant “{tenant}”, news that its webhook has not taken: {n}."

ENDS_SOON = (
    "Tenant “{tenant}”: token {id} “{name}” ends on {on}. Give it a new secret with"
    " `valv token rotate {id}`, or on the page API tokens."
)


def findings_of(tenant: Tenant, *, now: datetime) -> Iterator[str]:
    """One sentence each; none if nothing is missing."""
    standing = standing_of(tenant, now=now)
    for day in standing.last:
        if standing.is_worse(day):
            yield WORSE.format(
                tenant=tenant.slug,
                day=day.on,
                missing=day.missing,
                expected=day.expected,
                share=day.share,
                before=standing.share_before(day),
            )
    for gap, n in _counted(standing):
        yield OF_LAST_DAYS.format(tenant=tenant.slug, what=LACKING[gap], n=n)
    for sentence, n in ((QUEUES, standing.new_queues), (WAITING, standing.waiting)):
        if n:
            yield sentence.format(tenant=tenant.slug, n=n)
    for token in ending_soon(tenant, now=now):
        yield ENDS_SOON.format(
            tenant=tenant.slug,
            id=token.id,
            name=token.name,
            on=f"{token.expires_at:%Y-%m-%d}",
        )


def _counted(standing: Standing) -> list[tuple[Gap, int]]:
    counts: Counter[Gap] = Counter()
    for day in standing.last:
        counts.update(day.gaps)
    return [(gap, counts[gap]) for gap in Gap if counts[gap]]
