"""The record of processing activities tells one's own settings, as in force."""

from typing import Any

import pytest

from tests.api.test_retention import client_of
from tests.cast import NOW, OPERATOR
from tests.portal.visiting import Visitor
from valv.core.errors import Forbidden
from valv.core.retention import FOREVER, StorageTimes
from valv.lifecycle.processing import processing_record
from valv.tenants.access import Caller
from valv.tenants.models import Tenant, User
from valv.tenants.operations import set_content_kept, set_storage_times
from valv.tenants.storage_changes import set_how_changed

pytestmark = pytest.mark.django_db(transaction=True)


def record_of(tenant: Tenant) -> dict[str, Any]:
    answer = client_of(tenant).get("/api/v1/processing-record")
    assert answer.status_code == 200
    return dict(answer.json())


def test_it_follows_the_settings(acme: Tenant, borealis: Tenant) -> None:
    before, theirs = record_of(acme), record_of(borealis)
    times = StorageTimes(general=FOREVER, recordings=0, chat_logs=7)
    set_storage_times(acme, times, actor=OPERATOR, now=NOW)
    set_content_kept(acme, social_content=True, actor=OPERATOR, now=NOW)

    after = record_of(acme)

    days = {one["data"]: one["days"] for one in after["categories"]}
    assert (days["general"], days["recordings"], days["chat_logs"]) == (None, 0, 7)
    assert {"recordings"} == set(before["purposes"]) - set(after["purposes"])
    assert {"social"} == set(after["purposes"]) - set(before["purposes"])
    assert record_of(borealis)["purposes"] == theirs["purposes"]


def test_two_persons_for_storage_times_are_a_safeguard(acme: Tenant) -> None:
    set_how_changed(acme, wait_days=0, two_persons=True, actor=OPERATOR, now=NOW)

    measures = {one["what"]: one["on"] for one in record_of(acme)["safeguards"]}

    assert measures["storage_two_persons"]
    assert not measures["two_persons"]


def test_the_page_says_it_in_words(cleo: User) -> None:
    html = Visitor().enters(cleo).get("/processing-record").content.decode()

    assert "Registerförteckning" in html
    assert "180" in html


def test_without_the_right_it_is_refused(acme: Tenant) -> None:
    caller = Caller(acme, OPERATOR, frozenset())

    with pytest.raises(Forbidden):
        processing_record(caller, now=NOW)
