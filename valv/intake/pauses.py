"""Where a recording was paused, for a card number say, and whether that is silent.

A sound of its source may go on through the pauses that events tell of. Nobody hears it
then, until it was made anew without them: see ``quieting``. What was silenced once
stays so, whatever is told later.
"""

from valv.archive.models import Content
from valv.core.interaction import ContentKind
from valv.core.spans import in_order, pauses_in, recorded
from valv.intake.told import Evidence

Pause = list[int]
# Clocks of switchboards and of what decodes sound agree no better than this.
TOLERANCE_MS = 250


def lie_in(row: Content, evidence: Evidence) -> list[Pause]:
    """The pauses that are told of, as from and to in milliseconds of the sound."""
    if row.kind != ContentKind.RECORDING.number or not row.seconds:
        return []
    told = {one.n: one for one in recorded(in_order(evidence.events))}
    if row.n not in told:
        return []
    return [
        [round(start * 1000), round(end * 1000)]
        for start, end in pauses_in(told[row.n], seconds=row.seconds)
    ]


def note(row: Content, evidence: Evidence) -> bool:
    """Note where the pauses lie, unless there is sound in one: then answer True.

    The row is changed, and not saved.
    """
    lying = lie_in(row, evidence)
    if any(not _is_silent(pause, row.pauses) for pause in lying):
        return True
    row.pauses = joined([*row.pauses, *lying])
    return False


def _is_silent(pause: Pause, silenced: list[Pause]) -> bool:
    start, end = pause
    return end - start <= TOLERANCE_MS or any(
        first - TOLERANCE_MS <= start and end <= last + TOLERANCE_MS
        for first, last in silenced
    )


def joined(pauses: list[Pause]) -> list[Pause]:
    """In order, those that overlap as one."""
    found: list[Pause] = []
    for start, end in sorted(pauses):
        if found and start <= found[-1][1]:
            found[-1] = [found[-1][0], max(found[-1][1], end)]
        else:
            found.append([start, end])
    return found
