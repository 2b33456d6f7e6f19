"""Survey results as rows, and the form that narrows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from valv.archive.items import Item
from valv.core.errors import Malformed
from valv.core.ids import ID_LIMIT
from valv.core.moments import local_date, parse_from, parse_to, zone_named
from valv.portal import words
from valv.portal.builders.interaction import (
    identities_of,
    identity_state,
    score_words,
)
from valv.portal.contexts.reports import SurveyRow
from valv.portal.typed import typed
from valv.surveys.queries import Key, Wanted
from valv.tenants.models import Tenant

FIELDS = ("from", "to", "queue", "score_min", "score_max")
DAYS_UNLESS_STATED = 30
LOW, MID = 0.6, 0.8
DIGITS = 19


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as filled, what it asks for, and where the page begins."""

    values: Mapping[str, str]
    wanted: Wanted
    after: Key | None

    @property
    def period(self) -> str:
        return f"{self.values['from']} – {self.values['to']}"

    def page_after(self, key: Key | None) -> str:
        """The address of the page that follows; none of its values is personal."""
        if key is None:
            return ""
        given = {name: value for name, value in self.values.items() if value}
        place = {"after": f"{key[0]}.{key[1]}"}
        return f"{reverse('surveys')}?{urlencode(given | place)}"


def asked_from(given: QueryDict, *, tenant: Tenant, now: datetime) -> Asked:
    """Read the form; what cannot be read is as if it was not filled in."""
    zone = zone_named(tenant.timezone)
    today = local_date(now, zone=zone)
    values = {name: typed(given, name) for name in FIELDS}
    earlier = today - timedelta(days=DAYS_UNLESS_STATED - 1)
    try:
        start = parse_from(values["from"], zone=zone)
    except Malformed:
        values["from"] = earlier.isoformat()
        start = parse_from(values["from"], zone=zone)
    try:
        end = parse_to(values["to"], zone=zone)
    except Malformed:
        values["to"] = today.isoformat()
        end = parse_to(values["to"], zone=zone)
    lowest, highest = _score(values, "score_min"), _score(values, "score_max")
    wanted = Wanted(start, end, values["queue"] or None, lowest, highest)
    return Asked(values, wanted, _after(given))


def _score(values: dict[str, str], name: str) -> float | None:
    text = values[name].replace(",", ".")
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    values[name] = ""
    return None


def _after(given: QueryDict) -> Key | None:
    at, _, id_ = given.get("after", "").partition(".")
    numbers = [one for one in (at, id_) if one.isascii() and one.isdecimal()]
    if len(numbers) != len((at, id_)) or max(map(len, numbers)) > DIGITS:
        return None
    return (int(at), int(id_)) if max(int(at), int(id_)) < ID_LIMIT else None


def survey_row(item: Item, *, linked: bool) -> SurveyRow | None:
    """One answer as a row; None for an interaction that has none any more."""
    if item.survey is None:
        return None
    state = identity_state(item)
    known = next(identities_of(item.identifiers), None)
    return SurveyRow(
        href=reverse("interaction", args=[item.id]) if linked else "",
        at=datetime.fromisoformat(item.survey.at),
        score=score_words(item.survey.score),
        highest=item.survey.scale[1],
        mood=mood(item.survey.score, item.survey.scale),
        comment=item.survey.comment or "",
        session=item.session_id,
        identity_state=state,
        identity=known.text if known else words.nobody(state, media=item.media),
        media=item.media,
        queue=item.queue or "",
        agents=", ".join(filter(None, item.agents)),
    )


def mood(score: float | None, scale: tuple[int, int]) -> str:
    """Low, mid or high, by where the score lies on its scale."""
    if score is None:
        return ""
    share = (score - scale[0]) / (scale[1] - scale[0])
    return "low" if share <= LOW else "mid" if share <= MID else "high"
