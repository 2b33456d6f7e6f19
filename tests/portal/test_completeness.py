"""The page of completeness: its figures, its list, its queues and its alarm."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.cast import make_user
from tests.intake.asking import Source
from tests.portal.spoken import event, tell_call
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Queue
from valv.core.permissions import Role
from valv.intake.counting import count_day
from valv.intake.models import CompletenessSetting, DayCount, Delivery
from valv.portal.doors import clock
from valv.storage import scope
from valv.tenants.models import Tenant, User

DAY = date(2026, 11, 23)
PERIOD = "/completeness?from=2026-11-20&to=2026-11-23"


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


@pytest.fixture
def counted(acme: Tenant) -> str:
    """A whole call, and one whose recording and end never came; answers its id."""
    tell_call(acme)
    source = Source.of(acme)
    source.tell(
        event("broken", "session.started", 0, media="phone"),
        event("broken", "queue.entered", 2, queue="Sales"),
        event("broken", "recording.started", 5, n=2),
    )
    count_day(acme, DAY, now=clock() + timedelta(days=400))
    with scope.writing(acme.id):
        DayCount.objects.update_or_create(
            date=DAY,
            defaults={
                "interactions": 2,
                "expected": 6,
                "gaps": {"recording": 1, "end": 1},
                "counted_at": clock(),
            },
        )
    return source.id_of("broken")


def setting(tenant: Tenant) -> CompletenessSetting | None:
    with scope.reading(tenant.id):
        return CompletenessSetting.objects.order_by("-id").first()


def test_it_shows_the_days_and_what_lacks_something(
    administrator: Visitor, counted: str
) -> None:
    html = text_of(administrator.get(PERIOD))

    assert "<b>2</b> <span>av 6 väntade delar saknas</span>" in html
    assert 'data-on="2026-11-23" data-mean="33.33"' in html
    assert f'href="/interactions/{counted}"' in html
    assert html.count('<td class="c-gaps">') == 1
    assert "Inspelning 2 saknas" in html
    assert administrator.entries("search")[-1].details["by"][0] == "completeness"


def test_kinds_and_days_narrow_it(administrator: Visitor, counted: str) -> None:
    other = text_of(administrator.get(f"{PERIOD}&gap=chat_log"))
    before = text_of(administrator.get("/completeness?from=2026-11-01&to=2026-11-02"))
    same = text_of(administrator.get(f"{PERIOD}&gap=recording"))

    assert 'class="c-gaps"' not in other + before
    assert same.count('class="c-gaps"') == 1


@pytest.mark.parametrize(
    "query",
    [
        "?from=x&to=y&gap=z&after=q",
        "?from=2030-01-01",
        "?to=0001-01-01",
        "?to=9999-12-31",
    ],
)
def test_what_cannot_be_read_is_as_if_it_was_not_said(
    administrator: Visitor, query: str
) -> None:
    assert administrator.get(f"/completeness{query}").status_code == 200


def test_queues_are_confirmed_by_who_may_set_things(
    administrator: Visitor, counted: str, acme: Tenant, cleo: User
) -> None:
    officer = Visitor().enters(cleo)
    assert "<li>Sales</li>" in text_of(officer.get(PERIOD))
    assert officer.post("/completeness/queues", queue="Sales").status_code == 403

    answer = administrator.post("/completeness/queues", queue=["Sales", "Nowhere"])

    assert answer.status_code == 303
    with scope.reading(acme.id):
        confirmed = Queue.objects.filter(confirmed_at__isnull=False)
        assert [one.name for one in confirmed] == ["Sales"]
    assert administrator.entries("setting")[-1].details == {
        "setting": "queues",
        "changes": [{"what": "confirmed", "from": None, "to": ["Sales"]}],
    }


FORM: dict[str, Any] = {
    "content_hours": "6",
    "end_hours": "48",
    "worse_by": "2,5",
    "webhook": "https://larm.example/x",
}


def test_the_alarm_is_set_with_a_secret_to_check_it_by(
    administrator: Visitor, acme: Tenant
) -> None:
    assert administrator.post("/completeness/alarm", step="save", **FORM)

    saved = setting(acme)
    assert saved is not None
    assert saved.patience == {"content_hours": 6, "end_hours": 48, "worse_by": 2.5}
    first = text_of(administrator.get("/completeness"))
    administrator.post("/completeness/alarm", step="new-secret", **FORM)
    second = text_of(administrator.get("/completeness"))
    secrets = [h.split('<dd class="code">')[1][:64] for h in (first, second)]
    assert len({*secrets}) == 2
    assert 'value="2,5"' in second
    with scope.reading(acme.id):
        rows = str(list(CompletenessSetting.objects.values()))
    assert not [secret for secret in secrets if secret in rows]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content_hours", "0"),
        ("content_hours", "soon"),
        ("end_hours", "1.5"),
        ("worse_by", "0"),
        ("worse_by", "nan"),
        ("worse_by", "101"),
        ("webhook", "http://larm.example/x"),
        ("webhook", "larm"),
    ],
)
def test_what_cannot_be_set_stays_in_the_form(
    administrator: Visitor, acme: Tenant, field: str, value: str
) -> None:
    answer = administrator.post(
        "/completeness/alarm", step="save", **(FORM | {field: value})
    )

    assert answer.status_code == 422
    assert f'id="e-{field}"' in text_of(answer)
    assert setting(acme) is None


def test_a_test_is_laid_out_to_be_sent(administrator: Visitor, acme: Tenant) -> None:
    administrator.post("/completeness/alarm", step="save", **FORM)

    administrator.post("/completeness/alarm", step="test", **FORM)

    with scope.reading(acme.id):
        (delivery,) = Delivery.objects.all()
    assert delivery.body == {"type": "test", "tenant": "acme"}
    assert "Väntar" in text_of(administrator.get("/completeness"))


def test_it_needs_its_right_and_shows_no_other_tenants(
    counted: str, acme: Tenant, dag: User
) -> None:
    user = make_user("eva", acme, role=Role.ARCHIVE_USER)
    assert Visitor().enters(user).get("/completeness").status_code == 403

    stranger = text_of(Visitor().enters(dag).get(PERIOD))

    assert "broken" not in stranger
    assert "Sales" not in stranger


def test_one_who_may_not_set_it_sees_no_secret(counted: str, cleo: User) -> None:
    officer = Visitor().enters(cleo)

    html = text_of(officer.get(PERIOD))

    assert "completeness/alarm" not in html
    assert officer.post("/completeness/alarm", step="test").status_code == 403
