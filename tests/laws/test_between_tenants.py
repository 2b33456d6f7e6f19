"""Law 11: nothing of one tenant is seen from another, whatever is asked over HTTP.

That a forgotten filter shows nothing either is in ``test_two_walls``.
"""

from typing import Any

import pytest

from tests.api.conftest import Asker
from tests.intake.asking import Source
from tests.laws.laying import SOUND, Laid, lay, lay_the_rest, owned, rows
from valv.api.urls import ENDPOINTS
from valv.storage.scope import NoTenant
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db
UNKNOWN = "3765203606964170587"
BY_ID = [one for one in ENDPOINTS if "{id}" in one.path]
WITHOUT_ID = {
    ("GET", "/openapi.json"),
    ("GET", "/problems/{name}"),
    ("GET", "/interactions"),
    ("POST", "/interactions/search"),
    ("GET", "/interactions.xlsx"),
    ("GET", "/surveys"),
    ("GET", "/raw-events"),
    ("GET", "/audit"),
    ("GET", "/audit.xlsx"),
    ("GET", "/audit/changes"),
    ("GET", "/access-log"),
    ("GET", "/audit/checkpoint"),
    ("GET", "/audit/proof"),
    ("GET", "/audit/proof/{seq}"),
    ("GET", "/retention"),
    ("GET", "/processing-record"),
    ("GET", "/deletion-report"),
    ("GET", "/deletion-report.csv"),
    ("GET", "/deletion-report.pdf"),
    ("GET", "/retention/rules"),
    ("PUT", "/retention/rules"),
    ("POST", "/retention/waiting/confirm"),
    ("DELETE", "/retention/waiting"),
    ("GET", "/settings/retention"),
    ("PUT", "/settings/retention"),
    ("GET", "/settings/content"),
    ("PUT", "/settings/content"),
    ("GET", "/settings/file-names"),
    ("PUT", "/settings/file-names"),
    ("GET", "/settings/reasons"),
    ("PUT", "/settings/reasons"),
    ("GET", "/registration-topics"),
    ("PUT", "/registration-topics"),
    ("PUT", "/retention"),
    ("POST", "/retention/preview"),
    ("GET", "/recording-policy"),
    ("GET", "/recording-policy/versions"),
    ("PUT", "/recording-policy"),
    ("POST", "/recording-decisions"),
    ("GET", "/masking"),
    ("PUT", "/masking"),
    ("POST", "/masking/preview"),
    ("PUT", "/interactions/{session_id}"),
    ("PUT", "/interactions/{session_id}/survey"),
    ("PUT", "/interactions/{session_id}/recordings/{n}"),
    ("PUT", "/interactions/{session_id}/chat-log"),
    ("POST", "/interactions/{session_id}/chat-copy"),
    ("POST", "/events"),
    ("POST", "/vcons"),
    ("POST", "/jobs"),
    ("GET", "/settings/tokens"),
    ("PUT", "/settings/tokens"),
    ("GET", "/support-grants"),
    ("POST", "/support-grants"),
    ("PUT", "/support-grants/{grant}"),  # in api/test_support, as that below
    ("DELETE", "/support-grants/{grant}"),
    ("GET", "/tokens"),
    ("POST", "/tokens"),
    ("POST", "/tokens/{token}/rotation"),  # in api/test_tokens, as that below
    ("DELETE", "/tokens/{token}"),
    ("GET", "/rights"),
    ("PUT", "/rights"),
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", "/users/{user}"),  # in api/test_users, as those below
    ("PUT", "/users/{user}"),
    ("DELETE", "/users/{user}"),
    ("GET", "/user-groups"),
    ("POST", "/user-groups"),
    ("GET", "/user-groups/{group}"),
    ("PUT", "/user-groups/{group}"),
    ("DELETE", "/user-groups/{group}"),
    ("GET", "/holds"),
    ("POST", "/holds"),
    ("POST", "/holds/{hold}/release"),  # in test_holds
    ("GET", "/settings/holds"),
    ("GET", "/standing-entries"),
    ("DELETE", "/standing-entries/{entry}"),  # in lifecycle/test_standing
    ("GET", "/privacy-requests"),  # in lifecycle/test_requests, as those below
    ("POST", "/privacy-requests"),
    ("GET", "/privacy-requests/{request}"),
    ("POST", "/privacy-requests/{request}/check"),
    ("POST", "/privacy-requests/{request}/extension"),
    ("POST", "/privacy-requests/{request}/decision"),
    ("POST", "/privacy-requests/{request}/answer"),
    ("GET", "/restrictions"),  # in test_restrictions, as those below
    ("POST", "/restrictions"),
    ("POST", "/restrictions/{restriction}/end"),
    ("PUT", "/settings/holds"),
}


@pytest.fixture(scope="module")
def acme(acme_once: Tenant) -> Tenant:
    return acme_once


@pytest.fixture(scope="module")
def source(acme: Tenant) -> Source:
    return Source.of(acme)


@pytest.fixture
def stranger(borealis: Tenant) -> Asker:
    """Borealis' machine, which may do everything there."""
    return Asker(borealis)


@pytest.fixture(scope="module")
def laid(source: Source) -> Laid:
    """Acme's archive, with a row in every table."""
    laid = lay(source, "ours")
    lay_the_rest(source.tenant, laid)
    return laid


def test_every_endpoint_is_tried() -> None:
    tried = {(one.method, one.path) for one in BY_ID} | WITHOUT_ID

    assert tried == {(one.method, one.path) for one in ENDPOINTS}


def said(answer: Any) -> tuple[int, bytes]:
    return answer.status_code, answer.getvalue()


@pytest.mark.parametrize("one", BY_ID, ids=lambda one: f"{one.method} {one.path}")
def test_another_tenants_id_is_as_good_as_none(
    laid: Laid, stranger: Asker, source: Source, one: Any
) -> None:
    before = rows(source.tenant)
    id_ = laid.chat if "chat-log" in one.path else laid.call

    asked = [
        said(stranger(one.method, one.path.format(id=which, n=1)))
        for which in (id_, UNKNOWN)
    ]

    assert asked[0] == asked[1]
    assert asked[0][0] == 404
    assert rows(source.tenant) == before


LISTS = [
    "/interactions?session=ours-call",
    "/interactions?phone=*4567",
    "/interactions?count=exact",
    "/surveys",
    "/raw-events",
    "/audit?interaction={id}",
    "/audit?phone=*",
    "/access-log",
]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_shows_nothing_of_another_tenant(
    laid: Laid, stranger: Asker, path: str
) -> None:
    status, found = said(stranger("GET", path.format(id=laid.call)))

    assert status == 200
    assert laid.call.encode() not in found
    assert b"ours" not in found


def test_another_tenants_cursor_leads_nowhere(
    laid: Laid, stranger: Asker, source: Source
) -> None:
    theirs = source.ask("GET", "/interactions?limit=1").json()["next"]

    answer = stranger("GET", f"/interactions?cursor={theirs}&count=none")

    assert answer.status_code in (200, 422)
    assert answer.status_code == 422 or answer.json()["items"] == []


def test_another_tenants_session_is_begun_anew(
    laid: Laid, borealis: Tenant, source: Source
) -> None:
    before = rows(source.tenant)
    other = Source.of(borealis)

    assert other.put("ours-call", started_at="2026-11-20T10:00:00Z").status_code == 201
    assert other.ask("PUT", "/interactions/ours-call/recordings/1", SOUND).status_code
    assert other.put_survey("ours-call", score=1).status_code == 201

    assert other.item("ours-call")["id"] != laid.call
    assert rows(source.tenant) == before


@pytest.mark.parametrize("model", owned(), ids=lambda m: m._meta.db_table)
def test_outside_of_a_scope_a_table_refuses(acme: Tenant, model: Any) -> None:
    with pytest.raises(NoTenant):
        model.objects.count()
