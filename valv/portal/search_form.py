"""The search form: what its fields mean, and how it is filled again.

Periods are counted in the tenant's local days from the day on which the search was
made, so that its later pages mean the same days.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from valv.archive.stored_searches import Typed
from valv.core.errors import BadRequest, Malformed
from valv.core.moments import zone_named
from valv.core.search import SearchRequest, read_search
from valv.portal import words
from valv.portal.contexts import Choice
from valv.portal.contexts.search import SearchForm
from valv.tenants.models import Tenant

TEXTS = ("phone", "email", "name", "handle", "subject", "session")
FLAGS = ("has_recording", "has_chat_log", "has_survey")
SCORES = ("score_min", "score_max")
DAYS = ("from", "to")
SEVERAL = ("queue", "agent", "media", "direction", "outcome", "category", "topic")
SECOND_ROW = {
    "handle", "subject", "session", "direction", "outcome", "category", "topic",
    *SCORES, *FLAGS,
}  # fmt: skip
PERIODS = {"today": 0, "7d": 6, "30d": 29}
THREE_MONTHS, OWN = "3m", "own"
USUAL = THREE_MONTHS  # the reference case: one caller, the last three months
MOST_FIELDS, LONGEST = 400, 300
# Too few digits for anyone outside: the end of a number, or an extension in full.
_LAST_DIGITS = re.compile(r"[0-9]{3,6}", re.ASCII)
OPTIONAL_COLUMNS = tuple(words.COLUMNS)[2:]
USUAL_COLUMNS = ("queue", "agents", "wait", "talk", "outcome", "contents", "score")


def typed(form: QueryDict, *, on: date) -> Typed:
    """What was typed, without empty fields. Raises BadRequest if it is endless."""
    names = (*TEXTS, *FLAGS, *SCORES, "period", *DAYS, *SEVERAL)
    fields = tuple(
        (name, text)
        for name in names
        for value in form.getlist(name)
        if (text := value.replace("\0", "").strip())
    )
    if len(fields) > MOST_FIELDS or any(len(text) > LONGEST for _, text in fields):
        raise BadRequest("There is more in this form than a search can hold.")
    return Typed(fields, on)


def request_of(asked: Typed, tenant: Tenant) -> SearchRequest:
    """The search that was typed. Raises Malformed, naming the field."""
    zone = zone_named(tenant.timezone)
    return read_search(_parameters(asked), zone=zone, region=tenant.region)


def _parameters(asked: Typed) -> Iterator[tuple[str, str]]:
    period = dict(asked.fields).get("period", USUAL)
    for name, text in asked.fields:
        if name == "phone" and _LAST_DIGITS.fullmatch(text):
            yield name, f"*{text}"
        elif name != "period" and (name not in DAYS or period == OWN):
            yield name, text
    if period != OWN:
        yield "from", first_day(period, on=asked.on).isoformat()


def first_day(period: str, *, on: date) -> date:
    """The first local day of a period that ends with ``on``."""
    if period in PERIODS:
        return on - timedelta(days=PERIODS[period])
    return _three_months_before(on)


def _three_months_before(on: date) -> date:
    months = on.year * 12 + on.month - 1 - 3
    year, month = divmod(months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def faults_of(error: Malformed) -> dict[str, str]:
    """What is wrong, at its field; raised again if it is at none of the form's."""
    field = error.field or ""
    if field in DAYS:
        return {field: _("That is no date, or the period ends before it begins.")}
    if field in SCORES:
        return {field: _("A score is a number.")}
    if field in {*TEXTS, *FLAGS, *SEVERAL}:
        return {field: _("This cannot be searched for.")}
    raise error


def form_of(
    asked: Typed | None,
    *,
    columns: Sequence[str],
    queues: Sequence[str] = (),
    agents: Sequence[Choice] = (),
    topics: Sequence[Choice] = (),
    faults: Mapping[str, str] | None = None,
) -> SearchForm:
    """The form, filled as it was typed."""
    fields = asked.fields if asked else ()
    values = {name: text for name, text in fields if name not in SEVERAL}
    if SECOND_ROW & {name for name, _ in fields}:
        values["more"] = "1"
    several = {
        name: tuple(text for one, text in fields if one == name) for name in SEVERAL
    }
    return SearchForm(
        values={"period": USUAL, **values},
        several={**several, "column": tuple(columns)},
        faults=faults or {},
        queues=tuple((name, name) for name in queues),
        agents=tuple(agents),
        outcomes=_outcomes(several["outcome"]),
        categories=_once(category for category, _ in topics),
        topics=_once(topic for _, topic in topics),
    )


def _once(words: Iterable[str]) -> tuple[Choice, ...]:
    return tuple((word, word) for word in dict.fromkeys(filter(None, words)))


def _outcomes(chosen: Sequence[str]) -> tuple[Choice, ...]:
    codes = dict.fromkeys([*words.OUTCOMES, *chosen])
    return tuple((code, words.outcome(code, media="phone")) for code in codes)


def columns_from(form: QueryDict) -> tuple[str, ...] | None:
    """The columns chosen in the form; None if it does not say."""
    if "column" not in form:
        return None
    chosen = form.getlist("column")
    return tuple(one for one in OPTIONAL_COLUMNS if one in chosen)
