"""Law 11: nothing of one tenant is seen from another, even by a forgotten filter.

Two locks, each tried alone: the scope, with the database's taken off, and the
database's, with the scope's filter forgotten.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connections, models

from tests.api.conftest import Asker
from tests.intake.asking import Source
from tests.laws.laying import SOUND, Laid, lay, lay_the_rest, owned, rows
from valv.api.urls import ENDPOINTS
from valv.archive.models import Interaction
from valv.storage import scope
from valv.storage.models import TenantManager
from valv.storage.scope import NoTenant
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
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


@pytest.fixture
def stranger(borealis: Tenant) -> Asker:
    """Borealis' machine, which may do everything there."""
    return Asker(borealis)


@pytest.fixture
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


def count_of(model: Any) -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")  # noqa: S608
        return int(cursor.fetchone()[0])


@pytest.fixture
def theirs(laid: Laid, source: Source) -> dict[str, int]:
    """How many rows Acme has in each table: some in each, or nothing is tried."""
    held = {table: len(found) for table, found in rows(source.tenant).items()}
    lacking = {table for table, number in held.items() if not number}
    assert lacking <= MAY_BE_EMPTY
    return held


MAY_BE_EMPTY = {"valv_user", "storage_setting", "epoch"}


@pytest.mark.postgresql
def test_the_database_alone_holds(
    theirs: dict[str, int], borealis: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TenantManager, "get_queryset", models.Manager.get_queryset)
    with scope.reading(borealis.id):
        for model in owned():
            seen = set(model.objects.values_list("tenant_id", flat=True))
            assert seen <= {borealis.id}, model._meta.db_table
    with scope.writing(borealis.id):
        assert Interaction.objects.update(held=True) == 0


@pytest.mark.postgresql
def test_a_select_without_a_filter_shows_ones_own(
    theirs: dict[str, int], borealis: Tenant
) -> None:
    with scope.reading(borealis.id):
        own = {model: model.objects.count() for model in owned()}
        assert {model: count_of(model) for model in owned()} == own


@pytest.mark.postgresql
def test_the_application_may_not_touch_a_partition(
    theirs: dict[str, int], acme: Tenant
) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition")
        partitions = [name for (name,) in cursor.fetchall() if not name.endswith("idx")]
    tables = [name for name in partitions if name[-6:].isdigit()]
    assert tables
    for table in tables:
        refused_by(lambda table=table: select_from(acme, table))  # type: ignore[misc]


def refused_by(act: Callable[[], object]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        act()


def select_from(tenant: Tenant, table: str) -> None:
    with scope.reading(tenant.id), connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table}")  # noqa: S608


def test_the_scope_alone_holds(theirs: dict[str, int], borealis: Tenant) -> None:
    """On SQLite there is no other lock; on PostgreSQL it is taken off."""
    with without_row_level_security(), scope.reading(borealis.id):
        assert count_of(Interaction) == theirs["interaction"]
        for model in owned():
            seen = set(model.objects.values_list("tenant_id", flat=True))
            assert seen <= {borealis.id}, model._meta.db_table


@contextmanager
def without_row_level_security() -> Iterator[None]:
    if connections["default"].vendor != "postgresql":
        yield
        return
    alter("NO FORCE", "DISABLE")
    try:
        yield
    finally:
        alter("FORCE", "ENABLE")


def alter(*acts: str) -> None:
    with psycopg.connect(os.environ["VALV_DATABASE_URL"]) as connection:
        connection.execute(
            "SELECT set_config('role', (SELECT tableowner FROM pg_tables"
            " WHERE tablename = 'audit_entry'), true)"
        )
        for model in owned():
            for act in acts:
                table = model._meta.db_table
                sql = f"ALTER TABLE {table} {act} ROW LEVEL SECURITY"
                connection.execute(sql.encode())
