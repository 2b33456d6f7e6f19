"""What browsers are remembered by goes when it is over."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from tests.cast import NOW
from valv.lifecycle import nightly
from valv.tenants.models import Tenant


def test_the_night_clears_what_is_over(acme: Tenant) -> None:
    for name, days in (("over", -1), ("holds", 1)):
        until = NOW + timedelta(days=days)
        Session.objects.create(session_key=name, session_data="", expire_date=until)

    nightly.run(acme, nightly.today(acme, NOW), now=NOW)

    assert list(Session.objects.values_list("session_key", flat=True)) == ["holds"]
