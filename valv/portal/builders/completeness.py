"""Days and interactions as the page of completeness shows them, and its forms."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from valv.core.completeness import Gap, Patience
from valv.core.daily_figures import Figures, is_worse
from valv.core.errors import Malformed
from valv.core.interaction import decoded
from valv.core.moments import local_date, parse_date, zone_named
from valv.intake.completeness import BEYOND_ALL, Affected, Key
from valv.intake.models import Delivery
from valv.intake.patience import Setting
from valv.portal import words
from valv.portal.contexts.completeness import Alarm, Day, Lacking, News
from valv.portal.jinja import decimal
from valv.portal.typed import typed
from valv.tenants.models import Tenant

DAYS_UNLESS_STATED, MOST_DAYS = 30, 92
EARLIEST, LATEST = date(1971, 1, 1), date(2109, 1, 1)  # what ids can carry
STEP = 10
_AFTER = re.compile(r"([0-9]{1,15})\.([0-9]{1,19})", re.ASCII)
_NUMBERS = {"content_hours": int, "end_hours": int, "worse_by": float}


@dataclass(frozen=True, slots=True)
class Asked:
    """The period and kind that are looked at, and where the page begins."""

    first: date
    last: date
    gap: Gap | None
    after: Key

    @property
    def values(self) -> dict[str, str]:
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "gap": self.gap.value if self.gap else "",
        }

    def page_after(self, key: Key | None) -> str:
        if key is None:
            return ""
        place = {"after": f"{key[0]}.{key[1]}"}
        return f"{reverse('completeness')}?{urlencode(self.values | place)}"


def asked_from(given: QueryDict, *, tenant: Tenant, now: datetime) -> Asked:
    """Read the form; what cannot be read is as if it was not filled in."""
    today = local_date(now, zone=zone_named(tenant.timezone))
    last = min(_date(given, "to") or today, today)
    first = _date(given, "from") or last - timedelta(days=DAYS_UNLESS_STATED - 1)
    first = max(min(first, last), last - timedelta(days=MOST_DAYS - 1))
    gap = next((one for one in Gap if one.value == given.get("gap")), None)
    return Asked(first, last, gap, _after(given))


def _date(given: QueryDict, name: str) -> date | None:
    try:
        found = parse_date(typed(given, name))
    except Malformed:
        return None
    return found if EARLIEST <= found <= LATEST else None


def _after(given: QueryDict) -> Key:
    match = _AFTER.fullmatch(given.get("after", ""))
    return (int(match[1]), int(match[2])) if match else BEYOND_ALL


def days_of(
    figures: Sequence[Figures], *, first: date, patience: Patience
) -> tuple[Day, ...]:
    """The days from ``first`` on; those before are there to measure by."""
    return tuple(
        Day(
            on=one.on,
            interactions=one.interactions,
            expected=one.expected,
            missing=tuple(
                (gap.value, one.gaps[gap])
                for gap in Gap
                if gap is not Gap.QUEUE and one.gaps.get(gap)
            ),
            percent=100 * one.share,
            is_worse=is_worse(one, figures, patience=patience),
        )
        for one in figures
        if one.on >= first
    )


def totals_of(days: Iterable[Day]) -> tuple[tuple[str, int], ...]:
    """What is missing of all days, by kind."""
    counts: Counter[str] = Counter()
    for day in days:
        counts.update(dict(day.missing))
    return tuple((gap.value, counts[gap.value]) for gap in Gap if counts[gap.value])


def highest_of(days: Iterable[Day]) -> int:
    """Where the picture of shares ends, in percent: a round number above them all."""
    most = max((day.percent for day in days), default=0)
    return min(100, max(STEP, math.ceil(most / STEP) * STEP))


def lacking_of(found: Iterable[Affected]) -> tuple[Lacking, ...]:
    return tuple(
        Lacking(
            href=reverse("interaction", args=[one.id]),
            at=one.started_at,
            media=one.media,
            session=one.session_id,
            queue=one.queue,
            gaps=tuple((_gap(gap, n), is_here) for gap, n, is_here in one.gaps),
        )
        for one in found
    )


def _gap(gap: Gap, n: int) -> str:
    if gap is Gap.RECORDING:
        return _("Recording %(n)s not here") % {"n": n}
    return words.word(words.GAPS, gap.value)


def alarm_of(
    setting: Setting,
    news: Iterable[Delivery],
    *,
    typed_in: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Alarm:
    """The setting in force, or as it was typed."""
    patience = setting.patience
    worse_by = patience.worse_by
    standing = {
        "content_hours": str(patience.content_hours),
        "end_hours": str(patience.end_hours),
        "worse_by": decimal(worse_by, 0 if worse_by == int(worse_by) else 1),
        "webhook": setting.webhook,
    }
    return Alarm(
        **(standing if typed_in is None else typed_in),
        secret=setting.secret,
        news=tuple(map(_news, news)),
        faults=faults,
    )


def _news(delivery: Delivery) -> News:
    if delivery.taken_at is not None:
        return News(delivery.taken_at, "taken")
    state = "waiting" if delivery.due_at is not None else "given_up"
    return News(delivery.created_at, state, delivery.failure)


def alarm_typed(post: Mapping[str, str]) -> dict[str, str]:
    names = (*_NUMBERS, "webhook")
    return {name: typed(post, name, longest=600) for name in names}


def patience_from(typed_in: Mapping[str, str]) -> Patience:
    """Raises Malformed, naming the field."""
    read = {}
    for name, number in _NUMBERS.items():
        try:
            read[name] = number(typed_in[name].replace(",", "."))
        except ValueError:
            raise Malformed("That is no number.", field=name) from None
    return decoded(read, Patience)


def faults_of(error: Malformed) -> dict[str, str]:
    if error.field == "webhook":
        return {"webhook": _("That address may not be called.")}
    return {error.field or "worse_by": _("That number cannot be used here.")}
