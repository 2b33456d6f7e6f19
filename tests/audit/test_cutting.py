"""A person cut from the log: leaves still hold, and nobody can be told from them."""

import pytest
from django.db.models import Q

from tests.audit.logs import ANNA, lay, tamper
from tests.cast import NOW, OPERATOR
from valv.audit.actions import Action
from valv.audit.changes import cut_from
from valv.audit.models import Entry
from valv.audit.operations import Act
from valv.audit.verify import verify
from valv.core.entries import NO_SALT, Personal
from valv.core.people import Actor, ActorType
from valv.storage import scope
from valv.tenants.models import Tenant

BO = Actor(ActorType.INTERNAL, "Bo", 8)
PSEUDONYM = {"actor": "Tidigare användare 12", "actor_id": None}


@pytest.fixture
def log(acme: Tenant) -> Tenant:
    lay(acme, 20, actor=ANNA)
    lay(acme, 20, actor=BO)
    return acme


def pseudonymise(tenant: Tenant) -> int:
    with scope.writing(tenant.id):
        return cut_from(
            Q(actor_id=ANNA.id),
            Personal.ACTOR,
            put=PSEUDONYM,
            why=Act(Action.FORGET),
            actor=OPERATOR,
            now=NOW,
        )


def entries(tenant: Tenant, **wanted: object) -> list[Entry]:
    with scope.reading(tenant.id):
        return list(Entry.objects.filter(**wanted).order_by("seq"))


def test_a_pseudonymised_log_is_whole(log: Tenant) -> None:
    assert pseudonymise(log) == 20

    assert verify(log.id).ok
    assert entries(log, actor="Anna Ek") == []
    assert len(entries(log, actor="Tidigare användare 12")) == 20


def test_the_salt_is_gone_with_the_name(log: Tenant) -> None:
    pseudonymise(log)

    for entry in entries(log, actor="Tidigare användare 12"):
        assert bytes(entry.salts or b"")[:16] == NO_SALT


def test_all_else_of_the_entry_is_still_proven(log: Tenant) -> None:
    pseudonymise(log)
    first = entries(log, actor="Tidigare användare 12")[0].seq
    tamper(log, "UPDATE audit_entry SET reason = 'none' WHERE seq = %s", first)

    found = verify(log.id).first_bad
    assert found is not None
    assert found.seq == first


def test_what_stands_in_its_place_cannot_be_changed_either(log: Tenant) -> None:
    pseudonymise(log)
    first = entries(log, actor="Tidigare användare 12")[0].seq
    tamper(log, "UPDATE audit_entry SET actor = 'Cleo' WHERE seq = %s", first)

    found = verify(log.id).first_bad
    assert found is not None
    assert found.seq == first


@pytest.mark.parametrize("personal", Personal)
def test_every_personal_field_can_be_cut_and_after_one_another(
    log: Tenant, personal: Personal
) -> None:
    pseudonymise(log)
    with scope.writing(log.id):
        cut_from(
            Q(reason__startswith="Klago"),
            personal,
            why=Act(Action.FORGET),
            actor=OPERATOR,
            now=NOW,
        )

    assert verify(log.id).ok


def test_a_cut_that_no_act_tells_of_is_found(log: Tenant) -> None:
    """Even one that is made with the audit key."""
    pseudonymise(log)
    cut = {entry.seq: entry for entry in entries(log, action="play")}
    told = entries(log, action="forget")[0]
    tamper(log, "DELETE FROM audit_entry WHERE seq = %s", told.seq)

    found = verify(log.id).first_bad
    assert found is not None
    assert found.seq == min(seq for seq in cut if seq)


def test_cutting_again_finds_nothing_to_cut(log: Tenant) -> None:
    pseudonymise(log)

    assert pseudonymise(log) == 0
    assert len(entries(log, action="forget")) == 1
