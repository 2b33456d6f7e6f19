"""``/metrics``: figures for a monitor, in the form of Prometheus.

They are of tenants, by their short names, and of nobody. They are told to whoever has
the operator's token; where there is none, to this very machine alone, and to nobody
behind a proxy, for then everyone comes from there. To all others it is not there.
"""

from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from valv.api.auth import clock
from valv.api.endpoint import nowhere
from valv.api.errors import WrongMethod, problem_from, problem_from_fault
from valv.intake.standing import Standing, standing_of
from valv.tenants.queries import tenants

PATH = "/metrics"
DAYS = ("today", "yesterday")


def answer(request: HttpRequest) -> HttpResponseBase:
    """All figures, read as they stand."""
    if not _may(request):
        return nowhere(request)
    if request.method not in {"GET", "HEAD"}:
        return problem_from(WrongMethod("GET, HEAD"))
    registry = CollectorRegistry()
    registry.register(_Figures(clock()))
    try:
        told = generate_latest(registry)
    except Exception as fault:  # noqa: BLE001 - the one place that answers faults
        return problem_from_fault(fault)
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST)


def _may(request: HttpRequest) -> bool:
    token: str = settings.VALV_METRICS_TOKEN
    if token:
        given = request.META.get("HTTP_AUTHORIZATION", "")
        return compare_digest(given.encode(), f"Bearer {token}".encode())
    return not settings.VALV_TRUSTED_PROXY and _is_here(request.META["REMOTE_ADDR"])


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


class _Figures(Collector):
    """Gauges of all tenants, read when they are collected."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        standings = {one.slug: standing_of(one, now=self._now) for one in tenants()}
        yield from _of_days(standings)
        yield from _of_tenants(standings)


def _of_days(standings: dict[str, Standing]) -> Iterator[Metric]:
    labels = ["tenant", "day"]
    interactions = GaugeMetricFamily(
        "valv_completeness_interactions", "Interactions of the day", labels=labels
    )
    expected = GaugeMetricFamily(
        "valv_completeness_expected", "Parts that were to be here", labels=labels
    )
    missing = GaugeMetricFamily(
        "valv_completeness_missing", "Parts that are not", labels=[*labels, "gap"]
    )
    worse = GaugeMetricFamily(
        "valv_completeness_worse", "1 if worse than the week before", labels=labels
    )
    for slug, standing in standings.items():
        for day in standing.days:
            age = (standing.today - day.on).days
            if age < len(DAYS):
                place = [slug, DAYS[age]]
                interactions.add_metric(place, day.interactions)
                expected.add_metric(place, day.expected)
                worse.add_metric(place, standing.is_worse(day))
                for gap, n in day.gaps.items():
                    missing.add_metric([*place, gap.value], n)
    yield from (interactions, expected, missing, worse)


def _of_tenants(standings: dict[str, Standing]) -> Iterator[Metric]:
    counted = GaugeMetricFamily(
        "valv_completeness_counted_timestamp_seconds",
        "When it was last counted",
        labels=["tenant"],
    )
    queues = GaugeMetricFamily(
        "valv_new_queues", "Queues that nobody has confirmed", labels=["tenant"]
    )
    waiting = GaugeMetricFamily(
        "valv_webhook_waiting", "News that was not taken yet", labels=["tenant"]
    )
    for slug, standing in standings.items():
        if standing.counted_at is not None:
            counted.add_metric([slug], standing.counted_at.timestamp())
        queues.add_metric([slug], standing.new_queues)
        waiting.add_metric([slug], standing.waiting)
    yield from (counted, queues, waiting)
