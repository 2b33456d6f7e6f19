"""What a tenant may say about signing in, and what is kept of where one is."""

from datetime import UTC, datetime, timedelta

import pytest

from valv.core.browsers import browser_of
from valv.core.errors import Malformed
from valv.core.networks import Kept, kept, place
from valv.core.sign_in_rules import MappedGroup, Provider, SignInRules, checked
from valv.core.slowdown import FORGOTTEN_AFTER, Patience
from valv.core.web_addresses import is_safe

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
PROVIDER = Provider(issuer="https://id.example/", client_id="valv")
MANY = tuple(MappedGroup(str(n), n) for n in range(101))


def test_rules_are_tidied() -> None:
    provider = checked(SignInRules(provider=PROVIDER)).provider

    assert provider is not None
    assert provider.issuer == "https://id.example"


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (SignInRules(idle_minutes=4), "idle_minutes"),
        (SignInRules(longest_hours=169), "longest_hours"),
        (SignInRules(log_days=0), "log_days"),
        (SignInRules(provider_only=True, break_glass=1), "provider_only"),
        (SignInRules(provider_only=True, provider=PROVIDER), "break_glass"),
        (SignInRules(provider=Provider("http://id.example", "valv")), "issuer"),
        (SignInRules(provider=Provider("https://id.example", " ")), "client_id"),
        (SignInRules(provider=Provider("https://x", "v", label="a\n1")), "label"),
        (SignInRules(provider=Provider("https://x", "v", groups=MANY)), "groups"),
    ],
)
def test_what_cannot_hold_is_named(rules: SignInRules, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        checked(rules)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("address", "how", "is_kept"),
    [
        ("203.0.113.7", Kept.SHORTENED, "203.0.113.0/24"),
        ("2001:db8:1:2::7", Kept.SHORTENED, "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", Kept.SHORTENED, "203.0.113.0/24"),
        ("203.0.113.7", Kept.WHOLE, "203.0.113.7"),
        ("203.0.113.7", Kept.NOTHING, ""),
        ("somewhere", Kept.WHOLE, ""),
    ],
)
def test_of_an_address_is_kept_what_was_said(
    address: str, how: Kept, is_kept: str
) -> None:
    assert kept(address, how) == is_kept


def test_a_site_of_ipv6_is_one_place() -> None:
    assert place("2001:db8::1") == place("2001:db8::ffff")
    assert place("203.0.113.7") != place("203.0.113.8")
    assert place("nowhere") == ""


@pytest.mark.parametrize(
    ("told", "browser"),
    [
        ("Mozilla/5.0 (Windows NT 10) Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; OS 18 like Mac OS X) Safari/604", "Safari, iPhone"),
        ("curl/8", ""),
    ],
)  # fmt: skip
def test_a_browser_is_told_coarsely(told: str, browser: str) -> None:
    assert browser_of(told) == browser


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example", True),
        ("http://127.0.0.1:3000", True),
        ("http://localhost/x", True),
        ("http://id.example", False),
        ("https://a@id.example", False),
        ("https://id.example:x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_encrypted_addresses_are_asked(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


def test_waiting_doubles_up_to_a_limit_and_is_forgotten() -> None:
    patience = Patience(free=5, longest=30)

    waits = [patience.seconds_left(n, NOW, now=NOW) for n in range(1, 13)]

    assert waits == [*[0] * 4, 1, 2, 4, 8, 16, *[30] * 3]
    later = NOW + FORGOTTEN_AFTER + timedelta(seconds=1)
    assert patience.seconds_left(99, NOW, now=later) == 0
