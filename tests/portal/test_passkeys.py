"""Passkeys: made by who is signed in, used by who is not, refused unless whole."""

import json

import pytest

from tests.cast import PASSWORD
from tests.portal.proving import PRESENT, Key, add_passkey, use_passkey
from tests.portal.visiting import Visitor, text_of
from valv.storage import scope
from valv.tenants.models import AccessEntry, Passkey, User

PASSKEY = "/sign-in/passkey"


@pytest.fixture
def key(bo: User) -> Key:
    return add_passkey(Visitor().enters(bo).client)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def is_in(visitor: Visitor) -> bool:
    return bool(visitor.get("/search").status_code == 200)


def test_a_passkey_alone_lets_in(visitor: Visitor, key: Key, bo: User) -> None:
    assert use_passkey(visitor.client, key).status_code == 303
    assert is_in(visitor)
    with scope.reading(bo.tenant_id):
        assert AccessEntry.objects.get(how="passkey").user_id == bo.id


def test_it_stands_in_for_a_code(visitor: Visitor, key: Key, bo: User) -> None:
    answer = visitor.post("/sign-in", username=bo.email, password=PASSWORD)

    assert answer["Location"] == "/sign-in/code"
    page = text_of(visitor.get("/sign-in/code"))
    assert 'name="code"' not in page
    assert use_passkey(visitor.client, key).status_code == 303


def test_an_answer_is_taken_once(visitor: Visitor, key: Key) -> None:
    asked = visitor.client.post(f"{PASSKEY}/options").json()["publicKey"]
    answer = key.used(asked)
    visitor.post(PASSKEY, passkey=answer)
    other = Visitor()
    other.client.post(f"{PASSKEY}/options")

    assert other.post(PASSKEY, passkey=answer).status_code == 422
    assert not is_in(other)


def test_a_copy_that_counts_less_is_refused(visitor: Visitor, key: Key) -> None:
    use_passkey(visitor.client, key)
    use_passkey(visitor.client, key)
    key.uses = 0

    assert use_passkey(Visitor().client, key).status_code == 422


def test_one_that_did_not_verify_its_user_is_refused(
    visitor: Visitor, key: Key
) -> None:
    key.flags = PRESENT

    assert use_passkey(visitor.client, key).status_code == 422


def test_one_that_was_asked_by_another_site_is_refused(
    visitor: Visitor, key: Key
) -> None:
    key.origin = "https://evil.example"

    assert use_passkey(visitor.client, key).status_code == 422


def test_one_that_is_signed_by_another_key_is_refused(
    visitor: Visitor, key: Key
) -> None:
    forged = Key(id=key.id)

    assert use_passkey(visitor.client, forged).status_code == 422


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", "{}", '{"rawId": 1}', '{"rawId": "AA"}', "x" * 30_000]
)
def test_nonsense_is_no_passkey(visitor: Visitor, acme: object, answer: str) -> None:
    visitor.client.post(f"{PASSKEY}/options")

    assert visitor.post(PASSKEY, passkey=answer).status_code == 422


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_an_answer_of_which_a_part_was_changed_is_refused(
    visitor: Visitor, key: Key, part: str
) -> None:
    asked = visitor.client.post(f"{PASSKEY}/options").json()["publicKey"]
    answer = json.loads(key.used(asked))
    answer["response"][part] = answer["response"][part][:-4] + "AAAA"

    assert visitor.post(PASSKEY, passkey=json.dumps(answer)).status_code == 422


def test_what_is_asked_tells_nobody_who_has_one(visitor: Visitor, key: Key) -> None:
    asked = visitor.client.post(f"{PASSKEY}/options").json()["publicKey"]

    assert not asked.get("allowCredentials")


def test_one_that_was_removed_is_none(visitor: Visitor, key: Key, bo: User) -> None:
    use_passkey(visitor.client, key)
    page = text_of(visitor.get("/account"))
    path = page.partition('action="/account/passkeys/')[2].partition('"')[0]
    removed = visitor.post(f"/account/passkeys/{path}")

    assert removed.status_code == 303
    assert use_passkey(Visitor().client, key).status_code == 422


def test_one_of_who_may_sign_in_no_more_is_none(
    visitor: Visitor, key: Key, bo: User
) -> None:
    with scope.writing(bo.tenant_id):
        User.objects.filter(id=bo.id).update(is_active=False)

    assert use_passkey(visitor.client, key).status_code == 422
    assert "sign_in" not in visitor.client.session


def test_nobody_removes_anothers(visitor: Visitor, key: Key, alma: User) -> None:
    with scope.reading(alma.tenant_id):
        number = Passkey.objects.get().id
    visitor.enters(alma)

    assert visitor.post(f"/account/passkeys/{number}/remove").status_code == 404


def test_a_name_that_leads_to_somebody_is_refused(visitor: Visitor, bo: User) -> None:
    visitor.enters(bo)
    asked = visitor.client.post("/account/passkeys/options").json()["publicKey"]

    answer = visitor.post(
        "/account/passkeys", passkey=Key().made(asked), name="070-174 06 05"
    )

    assert answer.status_code == 422
