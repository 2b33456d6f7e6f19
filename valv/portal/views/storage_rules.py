"""Rules that come before the general storage times: typed, previewed, saved."""

from functools import partial

from django.http import HttpResponse
from django.urls import path

from valv.archive import queries
from valv.core.errors import Malformed
from valv.core.permissions import Right
from valv.core.storage_rules import StoragePolicy
from valv.portal.builders.storage_rules import (
    Names,
    blank_rule,
    moved,
    policy_in,
    rules_of,
    typed_rules,
)
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.storage import Changing, StorageRulesPage, TypedRule
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.portal.storage_changing import (
    Wanted,
    changing,
    saves,
    stepped,
    with_waiting,
)
from valv.storage import scope
from valv.tenants.queries import group_names
from valv.tenants.storage_terms import version_in_force

HERE, MENU = "storage-rules", "storage-times"
Rules = tuple[TypedRule, ...]


@signed_in(Right.RETENTION, "GET", "POST")
@recently_confirmed(when=saves)
def storage_rules(request: Request) -> HttpResponse:
    with scope.reading(request.caller.tenant.id):
        current = version_in_force()
    if request.method != "POST":
        version = Changing(version=str(current.number))
        return _page(request, rules_of(current.policy), version)
    rules, step = typed_rules(request.POST), request.POST.get("step", "")
    if step.startswith(("earlier-", "without-")):
        return _page(request, moved(rules, step), changing(request))
    if step == "more":
        return _page(request, (*rules, blank_rule()), changing(request))
    wanted = Wanted(current.policy, _policy(rules, current.policy))
    return stepped(request, wanted, partial(_page, request, rules), here=HERE)


def _policy(rules: Rules, current: StoragePolicy) -> StoragePolicy | None:
    try:
        return policy_in(rules, current)
    except Malformed:
        return None


def _page(
    request: Request, rules: Rules, changing: Changing, status: int = 200
) -> HttpResponse:
    page = StorageRulesPage(
        rules=rules or (blank_rule(),),
        changing=with_waiting(request, changing),
        names=_names(request),
    )
    return shown(request, "storage_rules.html", page, here=MENU, status=status)


def _names(request: Request) -> Names:
    """What conditions may name, as far as the person sees the archive at all."""
    caller = request.caller
    with scope.reading(caller.tenant.id):
        groups = tuple(group_names())
    if not caller.may(Right.SEE):
        return {"group": groups}
    topics = {topic for _category, topic in queries.topics(caller)}
    queues = tuple(queries.queues(caller))
    return {"queue": queues, "group": groups, "topic": tuple(sorted(topics))}


routes = [path("storage-times/rules", storage_rules, name=HERE)]
