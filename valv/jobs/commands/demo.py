"""``valv demo``: a made-up archive to look at and listen to, and the server on it."""

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from django.conf import settings
from rich.progress import track

from valv.archive.models import Session
from valv.core.errors import Conflict
from valv.core.interaction import Arrival
from valv.core.permissions import RIGHTS_OF_ROLE, Role
from valv.core.retention import StorageTimes
from valv.intake.arrivals import take_in
from valv.intake.completeness import confirm_queues
from valv.intake.counting import count_due
from valv.intake.events import take_events
from valv.intake.registration import set_topics, topics
from valv.jobs.command import OK, Asked
from valv.jobs.commands import serve
from valv.jobs.commands.init import lay_ground
from valv.jobs.demo.examples import EXAMPLES, POLICY
from valv.jobs.demo.plan import Planned, plan
from valv.jobs.demo.telling import tell
from valv.jobs.demo.told import queues, told
from valv.jobs.demo.told import topics as made_up_topics
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant
from valv.tenants.operations import (
    create_tenant,
    create_user,
    set_recording_policy,
    set_storage_times,
)

HELP = "make up an archive to try, and serve it"
SLUG, NAME = "demo", "Exempelbolaget"
REGION, TIMEZONE = "SE", "Europe/Stockholm"
ADDRESS = "demo@example.com"
TIMES = StorageTimes(general=180, recordings=90, chat_logs=120)
NOTES = "demo.json"
READY = """
  Open      {url}
  Address   {address}
  Password  {password}

  All of it is made up. Ctrl-C stops it; the next `make demo` goes on with the same.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--interactions", type=int, default=3_000)
    parser.add_argument("--recordings", type=int, default=120)
    parser.add_argument("--no-serve", action="store_true", help="only make the data")
    serve.arguments(parser)


def run(asked: Asked) -> int:
    lay_ground(asked)
    notes = _notes(settings.VALV_DATA / NOTES, now=asked.now)
    tenant = _tenant(asked, notes["password"])
    began = datetime.fromisoformat(notes["began"])
    _fill(asked, tenant, began=began)
    _tell(asked, tenant, began=began)
    told = {"url": f"http://localhost:{asked.port}", "address": ADDRESS}
    told["password"] = notes["password"]
    asked.answer(told, READY.format(**told))
    sys.stdout.flush()
    return OK if asked.no_serve else serve.run(asked)


def _notes(file: Path, *, now: datetime) -> dict[str, str]:
    """The password and the day of the first run, so that a later one goes on."""
    if not file.exists():
        file.touch(mode=0o600)
        made = {"password": token_urlsafe(9), "began": now.isoformat()}
        file.write_text(json.dumps(made), encoding="utf-8")
    notes: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return notes


def _tenant(asked: Asked, password: str) -> Tenant:
    actor, now = asked.actor, asked.now
    try:
        tenant = create_tenant(
            SLUG, name=NAME, region=REGION, timezone=TIMEZONE, actor=actor, now=now
        )
    except Conflict:
        return Tenant.objects.get(slug=SLUG)
    create_user(
        tenant,
        email=ADDRESS,
        name="Demo",
        password=password,
        rights=RIGHTS_OF_ROLE[Role.OWNER],
        actor=actor,
        now=now,
    )
    set_storage_times(tenant, TIMES, actor=actor, now=now)
    set_recording_policy(tenant, POLICY, actor=actor, now=now, reason="Demo")
    return tenant


def _fill(asked: Asked, tenant: Tenant, *, began: datetime) -> None:
    """Bring in what is planned and not yet there."""
    planned = list(
        plan(
            now=began,
            zone=ZoneInfo(TIMEZONE),
            interactions=asked.interactions,
            recordings=asked.recordings,
        )
    )
    with scope.reading(tenant.id):
        there = set(Session.objects.values_list("session_id", flat=True))
    missing = [one for one in planned if one.arrival.session_id not in there]
    for arrival in _shown(asked, _spoken(missing), total=len(missing)):
        take_in(tenant, arrival, actor=asked.actor, now=asked.now)
    for example in EXAMPLES:
        if example.session_id not in there:
            tell(tenant, example, actor=asked.actor, now=asked.now)


def _tell(asked: Asked, tenant: Tenant, *, began: datetime) -> None:
    """What a telephone exchange would tell; and what an administrator would set."""
    for events in told(now=began, zone=ZoneInfo(TIMEZONE)):
        take_events(tenant, json.dumps(events).encode(), actor=asked.actor, now=began)
    caller = Caller(tenant, asked.actor, RIGHTS_OF_ROLE[Role.OWNER])
    if not topics(tenant).categories:
        set_topics(caller, made_up_topics(), now=asked.now)
        confirm_queues(caller, queues(), now=asked.now)
    count_due(tenant, now=asked.now)


def _spoken(planned: list[Planned]) -> Iterator[Arrival]:
    """The arrivals in order; those with a call are read aloud on all cores."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context) as pool:
        yield from pool.map(Planned.spoken, planned, chunksize=16)


def _shown(
    asked: Asked, arrivals: Iterable[Arrival], *, total: int
) -> Iterable[Arrival]:
    if asked.args.json or not sys.stderr.isatty() or not total:
        return arrivals
    return track(arrivals, description="Making up conversations", total=total)
