"""Everything the API can be sent, with a planted value in every field of it.

Made from the table of endpoints and the API's own types. Of each request there is one
that is right, and one for each way to be wrong; parameters and parts of the address
are tried one by one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_origin
from urllib.parse import quote, urlencode

from tests.intake.sounds import tone, wav
from tests.laws.fields import START, Plant, broken, right, wrong
from tests.laws.vcons_planted import vcons
from valv.api.endpoint import JSON, PLACEHOLDER, Endpoint
from valv.api.urls import ENDPOINTS
from valv.core.events import TYPES
from valv.tenants.queries import TIMES

TEXTUAL = ("User-Agent", "Referer", "Cookie", "Accept", "Range", "Content-Digest")
# Where all that a header can say is listened to.
WITH_HEADERS = (
    "/interactions",
    "/interactions/{session_id}/recordings/{n}",
    "/interactions/{id}/recordings/{n}",
    "/interactions/{id}/chat-log",
)
SEARCH = "/interactions"
SOUND = wav(tone(440, seconds=1))


@dataclass(frozen=True, slots=True)
class Sent:
    """One request; one that is ``right`` must be taken."""

    method: str
    path: str
    body: bytes = b""
    media_type: str = JSON
    right: bool = False
    headers: tuple[tuple[str, str], ...] = ()


def requests_to(one: Endpoint, ids: dict[str, str], plant: Plant) -> Iterator[Sent]:
    """The requests to one endpoint; ``ids`` fills the holes of what must be there."""
    name = f"{one.method} {one.path}"
    bodies = list(_bodies(one, name, plant))
    first = bodies[0]
    ids = _filled(one, ids)
    whole = Sent(one.method, _path(one, ids), first.body, first.media_type)
    if one.method != "DELETE":
        yield from (
            replace(each, path=_path(one, _own(one, ids, plant))) for each in bodies
        )
        yield from _elsewhere(one, whole, ids, plant)
    yield from _asking(one, whole, plant)


def _filled(one: Endpoint, there: dict[str, str]) -> dict[str, str]:
    """What to fill the holes of an address with, so that something is there."""
    kind = "chat" if "chat-log" in one.path else "call"
    if one.method == "DELETE" and "transcript" in one.path:
        kind = "second-call"  # the first one's goes with its recording
    ids = {
        "id": there[kind],
        "n": "1",
        "name": "gone",
        "seq": "1",
        "token": "0",
        "grant": "1",
        "hold": "0",
        "entry": "0",
        "request": "1",
        "restriction": "0",
        "user": "0",
        "group": "0",
    }
    return {**ids, "session_id": "asked"}


def _own(one: Endpoint, ids: dict[str, str], plant: Plant) -> dict[str, str]:
    """With a session of the endpoint's own, named by a planted id."""
    where = f"{one.method} {one.path} session_id"
    return {**ids, "session_id": plant(where)}


def _path(one: Endpoint, ids: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda hole: quote(ids[hole[1]]), one.path)


def _elsewhere(
    one: Endpoint, whole: Sent, ids: dict[str, str], plant: Plant
) -> Iterator[Sent]:
    for hole in PLACEHOLDER.findall(one.path):
        where = f"{one.method} {one.path} {hole}"
        if hole != "session_id":
            yield replace(whole, path=_path(one, {**ids, hole: plant(where)}))
    for header in TEXTUAL if one.path in WITH_HEADERS else ():
        told = plant(f"{one.method} {one.path} {header}")
        yield replace(whole, headers=((header, told),))


def _asking(one: Endpoint, whole: Sent, plant: Plant) -> Iterator[Sent]:
    """Each parameter by itself; where the address names a session, in a fresh one."""
    where = f"{one.method} {one.path} ?"
    known = [{query.name: plant(where + query.name)} for query in one.query]
    for asked in [{plant(where + "?"): plant(where + "?=")}, *known]:
        path = whole.path.replace("asked", f"asked-{len(where)}-{next(iter(asked))}")
        yield replace(whole, path=f"{path}?{urlencode(asked)}")


def _bodies(one: Endpoint, name: str, plant: Plant) -> Iterator[Sent]:
    sent = Sent(one.method, "")
    if one.body is None:
        yield sent
    elif one.path == "/events":
        yield from _events(sent, plant)
    elif one.path == "/vcons":
        yield from (replace(sent, body=each, right=True) for each in vcons(plant))
        yield replace(sent, body=next(vcons(plant))[:-2])
    elif isinstance(one.body, str):
        yield replace(sent, body=SOUND, media_type=one.body, right=True)
        yield replace(sent, body=plant(f"{name} body").encode(), media_type=one.body)
    else:
        yield from _jsons(one, sent, name, plant)


def _names(one: Endpoint) -> list[str]:
    """Names that a body of names and values may have."""
    if "retention" in one.path:
        return list(TIMES)
    lists = next(e for e in ENDPOINTS if (e.method, e.path) == ("GET", SEARCH))
    return [query.name for query in lists.query]


def _jsons(one: Endpoint, sent: Sent, name: str, plant: Plant) -> Iterator[Sent]:
    whole = right(one.body, name, plant)
    means = {"GET", "PUT"} if "session_id" in one.path else set[str]()
    yield replace(sent, body=_json(whole), right=one.method in means)
    yield from (replace(sent, body=_json(w)) for w in wrong(one.body, name, plant))
    yield replace(sent, body=broken(whole))
    if get_origin(one.body) is dict:
        for field in _names(one):
            yield replace(sent, body=_json({field: plant(f"{name} {field}")}))


def _events(sent: Sent, plant: Plant) -> Iterator[Sent]:
    """All right ones in one body, and all wrong ones in another."""
    good, bad = [], []
    for type_, of_it in TYPES.items():
        name = f"event {type_}"
        event = _event(type_, right(of_it, f"{name} data", plant), plant)
        good += [event, _unmasked(event, plant)]
        bad += [
            _event(type_, data, plant) for data in wrong(of_it, f"{name} data", plant)
        ]
        bad += [{**event, field: {"x": plant(f"{name} {field}!")}} for field in event]
        bad.append({**event, plant(f"{name} ?"): plant(f"{name} ?=")})
    yield replace(sent, body=b"\n".join(map(_json, good)), right=True)
    yield replace(sent, body=b"\n".join([*map(_json, bad), broken(good[0])]))


def _event(type_: str, data: Any, plant: Plant) -> dict[str, Any]:
    name = f"event {type_}"
    return {
        "event_id": plant(f"{name} event_id"),
        "session_id": plant(f"{name} session_id"),
        "type": type_,
        "at": START,
        "data": data,
    }


def _unmasked(event: dict[str, Any], plant: Plant) -> dict[str, Any]:
    """The same once more, with nothing masked in it."""
    other = plant(f"event {event['type']} event_id, once more")
    mask = {"mask": False} if "mask" in event["data"] else {}
    return {**event, "event_id": other, "data": {**event["data"], **mask}}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
