"""Signing in with a tenant's provider: npm's oidc-provider, asked over real sockets."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cast import NOW, OPERATOR, PASSWORD
from tests.peers.openid import CLIENT, SECRET, Peer, Person, provider
from tests.portal.proving import add_passkey, age_confirmation, use_passkey
from tests.portal.visiting import Visitor, text_of
from valv.core.errors import Malformed
from valv.core.inheritance import Stated
from valv.core.permissions import Right
from valv.core.sign_in_rules import MappedGroup, Provider, SignInRules
from valv.storage import scope
from valv.tenants.models import AccessEntry, SignInSetting, Tenant, User, UserGroup
from valv.tenants.rights import held_by
from valv.tenants.signin import caller_of_user
from valv.tenants.signin_settings import provider_secret, set_sign_in
from valv.tenants.users import add_group

BACK = "/sign-in/provider"
CALLBACK = f"http://localhost:8000{BACK}"
SETTINGS = {
    "idle_minutes": 30, "longest_hours": 8, "log_days": 60, "network": "whole",
    "second_factor": "on", "client_id": CLIENT, "groups_claim": "groups",
}  # fmt: skip
STAFF = Stated(grant=(Right.SEE, Right.PLAY))


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with provider(CALLBACK) as running:
        yield running


def rules(peer: Peer, **more: object) -> SignInRules:
    told = {"issuer": peer.issuer, "client_id": CLIENT, "label": "Acme ID", **more}
    return SignInRules(provider=Provider(**told))  # type: ignore[arg-type]


def put(tenant: Tenant, wanted: SignInRules, secret: str = SECRET) -> None:
    set_sign_in(tenant, wanted, secret=secret, actor=OPERATOR, now=NOW)


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def comes_back(visitor: Visitor, name: str, query: str = "") -> str:
    """Off to the provider and signed in there; answers the way back, not yet gone."""
    sent = visitor.get(f"/sign-in/with/acme{query}")
    assert sent.status_code == 302, text_of(sent)
    back = Person(name).goes(sent["Location"], CALLBACK)
    return back.removeprefix("http://localhost:8000")


def enters(visitor: Visitor, name: str) -> bool:
    return bool(visitor.get(comes_back(visitor, name)).status_code == 303)


@pytest.fixture
def staff(acme: Tenant, alma: User) -> UserGroup:
    """A user group that a group at the provider leads to."""
    return add_group(caller_of_user(alma), name="Staff", stated=STAFF, now=NOW)


def mapped(group: UserGroup) -> tuple[MappedGroup, ...]:
    return (MappedGroup("staff", group.id),)


def user_of(tenant: Tenant, name: str) -> User | None:
    with scope.reading(tenant.id):
        return User.objects.filter(email=f"{name}@acme.example").first()


def test_whoever_the_provider_vouches_for_comes_in(
    peer: Peer, acme: Tenant, bo: User, visitor: Visitor
) -> None:
    put(acme, rules(peer))
    page = text_of(visitor.get("/sign-in"))
    answer = visitor.get(comes_back(visitor, "bo", "?next=/account"))

    assert 'href="/sign-in/with/acme"' in page
    assert "Acme ID" in page
    assert (answer.status_code, answer["Location"]) == (303, "/account")
    assert visitor.get("/search").status_code == 200
    with scope.reading(acme.id):
        assert AccessEntry.objects.get(how="provider").user_id == bo.id


def test_what_is_asked_has_a_challenge_and_a_nonce_of_its_own(
    peer: Peer, acme: Tenant, visitor: Visitor
) -> None:
    put(acme, rules(peer))

    asked = [
        parse_qs(urlsplit(visitor.get("/sign-in/with/acme")["Location"]).query)
        for _ in range(2)
    ]

    assert asked[0]["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


@pytest.mark.parametrize(
    "change",
    [
        lambda back: back.replace("state=", "state=x"),
        lambda back: back.replace("code=", "code=x"),
        lambda back: back.replace("iss=http", "iss=https"),
        lambda _: BACK,
    ],
)
def test_another_answer_than_the_one_asked_for_is_refused(
    peer: Peer, acme: Tenant, bo: User, visitor: Visitor, change: object
) -> None:
    put(acme, rules(peer))
    back = comes_back(visitor, "bo")

    assert visitor.get(change(back)).status_code == 403  # type: ignore[operator]
    assert visitor.get("/search").status_code == 302


def test_an_answer_counts_once_and_in_the_browser_that_asked(
    peer: Peer, acme: Tenant, bo: User, visitor: Visitor
) -> None:
    put(acme, rules(peer))
    back = comes_back(visitor, "bo")

    assert Visitor().get(back).status_code == 404
    assert visitor.get(back).status_code == 303
    assert visitor.get(back).status_code == 404


def test_a_provider_that_knows_us_by_another_secret_lets_nobody_in(
    peer: Peer, acme: Tenant, bo: User, visitor: Visitor
) -> None:
    put(acme, rules(peer), secret="another")

    assert not enters(visitor, "bo")


def test_a_provider_that_is_not_there_is_a_sentence(
    acme: Tenant, visitor: Visitor
) -> None:
    put(acme, rules(Peer("http://127.0.0.1:9", CALLBACK)))

    answer = visitor.get("/sign-in/with/acme")

    assert answer.status_code == 403
    assert "127.0.0.1" not in text_of(answer).partition("<form")[0]


def test_who_is_no_user_here_does_not_come_in(
    peer: Peer, acme: Tenant, visitor: Visitor
) -> None:
    put(acme, rules(peer))

    assert not enters(visitor, "eva")
    assert user_of(acme, "eva") is None


def test_an_address_that_is_not_verified_leads_to_nobody(
    peer: Peer, acme: Tenant, visitor: Visitor
) -> None:
    put(acme, rules(peer, makes_users=True))

    assert not enters(visitor, "una")


def test_if_the_tenant_says_so_one_becomes_a_user_in_the_group_that_is_mapped(
    peer: Peer, acme: Tenant, staff: UserGroup, visitor: Visitor
) -> None:
    put(acme, rules(peer, makes_users=True, groups=mapped(staff)))

    assert enters(visitor, "eva+staff")

    eva = user_of(acme, "eva")
    assert eva is not None
    assert held_by(eva).rights == set(STAFF.grant)
    assert not eva.has_usable_password()


def test_groups_decide_anew_at_each_sign_in_and_who_is_in_none_stays_out(
    peer: Peer, acme: Tenant, bo: User, staff: UserGroup, visitor: Visitor
) -> None:
    put(acme, rules(peer, groups=mapped(staff)))

    assert enters(visitor, "bo+staff")
    given = user_of(acme, "bo")
    assert given is not None
    assert given.group_id == staff.id
    assert not enters(Visitor(), "alma+none")


def test_nobody_gives_by_way_of_the_provider_what_they_lack(
    peer: Peer, acme: Tenant, bo: User, staff: UserGroup
) -> None:
    with scope.writing(acme.id):
        User.objects.filter(id=bo.id).update(rights=["users", "see"])
    visitor = Visitor().enters(bo)
    told = {**SETTINGS, "issuer": peer.issuer, "claim": "staff", "gives": staff.id}

    assert visitor.post("/settings/sign-in", **told).status_code == 403
    with scope.reading(acme.id):
        assert not SignInSetting.objects.exists()


def test_an_address_that_went_to_somebody_else_there_does_not_open_anothers(
    peer: Peer, acme: Tenant, bo: User
) -> None:
    """Known is the subject; the address leads to a user once."""
    put(acme, rules(peer))
    assert enters(Visitor(), "bo")

    assert not enters(Visitor(), "bo+other")


def test_one_who_may_no_longer_enter_does_not(
    peer: Peer, acme: Tenant, bo: User, visitor: Visitor
) -> None:
    put(acme, rules(peer))
    with scope.writing(acme.id):
        User.objects.filter(id=bo.id).update(is_active=False)

    assert not enters(visitor, "bo")


def test_the_provider_of_one_tenant_opens_no_other(
    peer: Peer, acme: Tenant, borealis: Tenant, dag: User, visitor: Visitor
) -> None:
    put(acme, rules(peer))
    with scope.writing(borealis.id):
        User.objects.filter(id=dag.id).update(email="dag@acme.example")

    assert not enters(visitor, "dag")
    assert visitor.get("/sign-in/with/borealis").status_code == 404
    assert "/sign-in/with" not in text_of(visitor.get("/sign-in"))
    assert "/sign-in/with/acme" in text_of(visitor.get("/sign-in/at/acme"))


def only_provider(peer: Peer, alma: User) -> SignInRules:
    wanted = rules(peer)
    return SignInRules(
        provider=wanted.provider, provider_only=True, break_glass=alma.id
    )


def test_where_only_the_provider_counts_one_password_still_opens(
    peer: Peer, acme: Tenant, bo: User, alma: User
) -> None:
    key = add_passkey(Visitor().enters(bo).client)
    put(acme, only_provider(peer, alma))
    told = {"username": bo.email, "password": PASSWORD}

    assert Visitor().post("/sign-in", **told).status_code == 422
    assert use_passkey(Visitor().client, key).status_code == 422
    assert enters(Visitor(), "bo")
    Visitor().enters(alma)


def test_the_break_glass_user_is_an_administrator(
    peer: Peer, acme: Tenant, bo: User
) -> None:
    with pytest.raises(Malformed):
        put(acme, only_provider(peer, bo))


def test_who_has_no_proof_here_proves_it_at_the_provider(
    peer: Peer, acme: Tenant, bo: User, alma: User, visitor: Visitor
) -> None:
    put(acme, only_provider(peer, alma))
    assert enters(visitor, "bo")
    age_confirmation(bo, minutes=5)
    asked = text_of(visitor.post("/account/authenticator"))
    where = asked.partition('href="/sign-in/with/acme')[2].partition('"')[0]
    sent = visitor.get(f"/sign-in/with/acme{where.replace('&amp;', '&')}")

    assert "prompt=login" in sent["Location"]
    assert visitor.get(comes_back(visitor, "bo")).status_code == 303
    assert visitor.post("/account/authenticator").status_code == 200


def test_the_secret_is_sealed_and_shown_to_nobody(
    peer: Peer, acme: Tenant, alma: User
) -> None:
    put(acme, rules(peer))
    page = text_of(Visitor().enters(alma).get("/settings/sign-in"))

    with scope.reading(acme.id):
        sealed = bytes(SignInSetting.objects.get().sealed)
    assert SECRET not in page
    assert SECRET.encode() not in sealed
    assert provider_secret(acme) == SECRET


def test_the_page_of_settings_changes_them(
    peer: Peer, acme: Tenant, alma: User, staff: UserGroup
) -> None:
    visitor = Visitor().enters(alma)
    told = {
        **SETTINGS, "issuer": peer.issuer, "secret": SECRET,
        "claim": ["staff", ""], "gives": [staff.id, staff.id],
    }  # fmt: skip

    assert visitor.post("/settings/sign-in", **told).status_code == 303
    kept = visitor.post("/settings/sign-in", **{**told, "secret": ""})
    wrong = visitor.post("/settings/sign-in", **{**told, "issuer": "http://id.example"})

    assert kept.status_code == 303
    assert wrong.status_code == 422
    assert provider_secret(acme) == SECRET
    page = text_of(visitor.get("/settings/sign-in"))
    assert 'value="staff"' in page
    assert CALLBACK in page
