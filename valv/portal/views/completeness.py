"""Completeness: what was to come and has not, by day and by interaction.

A page reads what was counted, and never counts. Whoever may set things also confirms
queues here, and says how long to wait and whom to tell.
"""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valv.audit import searches
from valv.core.completeness import Gap
from valv.core.daily_figures import DAYS_BEFORE
from valv.core.errors import BadRequest, Malformed
from valv.core.permissions import Right
from valv.intake import completeness as completeness_of
from valv.intake import deliveries
from valv.intake.patience import Setting, set_completeness, setting_in_force
from valv.portal import words
from valv.portal.builders.completeness import (
    Asked,
    alarm_of,
    alarm_typed,
    asked_from,
    days_of,
    faults_of,
    highest_of,
    lacking_of,
    patience_from,
    totals_of,
)
from valv.portal.contexts.completeness import Alarm, CompletenessPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.storage import scope

HERE = "completeness"
ON_A_PAGE = 50
UNPROCESSABLE = 422


@signed_in(Right.RAW_DATA)
def completeness(request: Request) -> HttpResponse:
    return _page(request)


def _page(
    request: Request,
    *,
    typed_in: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> HttpResponse:
    caller = request.caller
    asked = asked_from(request.GET, tenant=caller.tenant, now=request.now)
    setting = _setting(request)
    before = asked.first - timedelta(days=DAYS_BEFORE)
    counted = completeness_of.days(caller, before, asked.last)
    days = days_of(counted.figures, first=asked.first, patience=setting.patience)
    found, last = _affected(request, asked)
    expected = sum(day.expected for day in days)
    missing = sum(n for day in days for _gap, n in day.missing)
    page = CompletenessPage(
        days=days,
        rows=lacking_of(found),
        values=asked.values,
        gaps=tuple((gap.value, words.word(words.GAPS, gap.value)) for gap in Gap),
        totals=totals_of(days),
        expected=expected,
        missing=missing,
        percent=100 * missing / expected if expected else 0.0,
        highest=highest_of(days),
        counted_at=counted.counted_at,
        next=asked.page_after(last),
        new_queues=tuple(completeness_of.new_queues(caller)),
        alarm=_alarm(request, setting, typed_in, faults),
    )
    status = UNPROCESSABLE if faults else 200
    return shown(request, "completeness.html", page, here=HERE, status=status)


def _setting(request: Request) -> Setting:
    with scope.reading(request.caller.tenant.id):
        return setting_in_force()


def _affected(
    request: Request, asked: Asked
) -> tuple[list[completeness_of.Affected], completeness_of.Key | None]:
    """A list of interactions: noted in the log as lists are."""
    found, last = completeness_of.affected(
        request.caller,
        asked.first,
        asked.last,
        gap=asked.gap,
        after=asked.after,
        limit=ON_A_PAGE,
        now=request.now,
    )
    searches.note(
        request.caller.tenant.id,
        request.caller.actor,
        kinds=[
            "completeness",
            *(name for name, value in asked.values.items() if value),
        ],
        found=len(found),
        capped=last is not None,
        now=request.now,
    )
    return found, last


def _alarm(
    request: Request,
    setting: Setting,
    typed_in: dict[str, str] | None,
    faults: dict[str, str] | None,
) -> Alarm | None:
    if not request.caller.may(Right.SETTINGS):
        return None
    news = deliveries.newest(request.caller)
    return alarm_of(setting, news, typed_in=typed_in, faults=faults)


@signed_in(Right.SETTINGS, "POST")
def confirm_queues(request: Request) -> HttpResponse:
    names = request.POST.getlist("queue")
    count = completeness_of.confirm_queues(request.caller, names, now=request.now)
    said = ngettext("%(n)s queue is confirmed.", "%(n)s queues are confirmed.", count)
    messages.success(request, said % {"n": count})
    return see_other(reverse(HERE))


@signed_in(Right.SETTINGS, "POST")
def set_alarm(request: Request) -> HttpResponse:
    step = request.POST.get("step")
    if step == "test":
        deliveries.ask_for_a_test(request.caller, now=request.now)
        messages.success(
            request, _("A test is on its way; see below what becomes of it.")
        )
        return see_other(reverse(HERE) + "#alarm")
    if step not in {"save", "new-secret"}:
        raise BadRequest("There is no such step.", field="step")
    typed_in = alarm_typed(request.POST)
    try:
        set_completeness(
            request.caller,
            patience_from(typed_in),
            webhook=typed_in["webhook"],
            now=request.now,
            new_secret=step == "new-secret",
        )
    except Malformed as error:
        return _page(request, typed_in=typed_in, faults=faults_of(error))
    messages.success(request, _("The setting is saved."))
    return see_other(reverse(HERE) + "#alarm")


routes = [
    path("completeness", completeness, name=HERE),
    path("completeness/queues", confirm_queues, name="completeness-queues"),
    path("completeness/alarm", set_alarm, name="completeness-alarm"),
]
