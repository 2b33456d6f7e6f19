"""How the people of a tenant sign in, as one value that the tenant sets."""

from msgspec import Struct
from msgspec.structs import replace

from valv.core.errors import Malformed
from valv.core.networks import Kept
from valv.core.web_addresses import is_safe

LONGEST_TEXT = 200
MOST_GROUPS = 100
LIMITS = {"idle_minutes": (5, 720), "longest_hours": (1, 168), "log_days": (1, 730)}


class MappedGroup(Struct, frozen=True):
    """Who is in this group at the provider is in the user group of that number here."""

    claim: str
    group: int


class Provider(Struct, frozen=True):
    """An OpenID provider: where it is, as whom it knows us, what its groups give.

    Of several groups that somebody is in, the first that is named here counts.
    ``makes_users``: whoever it vouches for becomes a user; else only known ones enter.
    """

    issuer: str
    client_id: str
    label: str = ""
    groups_claim: str = "groups"
    groups: tuple[MappedGroup, ...] = ()
    makes_users: bool = False


class SignInRules(Struct, frozen=True):
    """``break_glass`` is the one user whose password counts while ``provider_only``."""

    second_factor: bool = False
    provider_only: bool = False
    break_glass: int | None = None
    idle_minutes: int = 60
    longest_hours: int = 12
    network: Kept = Kept.SHORTENED
    log_days: int = 92
    provider: Provider | None = None


def checked(rules: SignInRules) -> SignInRules:
    """The rules, tidied. Raises Malformed, naming the field, for what cannot hold."""
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(rules, name) <= most:
            raise Malformed(f"It is a number from {least} to {most}.", field=name)
    provider = rules.provider and _checked(rules.provider)
    if rules.provider_only and provider is None:
        raise Malformed("There is no provider to sign in with.", field="provider_only")
    if rules.provider_only and rules.break_glass is None:
        raise Malformed("Name who may still use a password.", field="break_glass")
    return replace(rules, provider=provider)


def _checked(provider: Provider) -> Provider:
    texts = ("issuer", "client_id", "label", "groups_claim")
    tidy = {name: getattr(provider, name).strip() for name in texts}
    for name, text in tidy.items():
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise Malformed(f"It has at most {LONGEST_TEXT} characters.", field=name)
    if not is_safe(tidy["issuer"]):
        raise Malformed("It is an https address.", field="issuer")
    if not tidy["client_id"]:
        raise Malformed("The provider tells it.", field="client_id")
    if len(provider.groups) > MOST_GROUPS:
        raise Malformed(f"There are at most {MOST_GROUPS}.", field="groups")
    return replace(provider, **{**tidy, "issuer": tidy["issuer"].rstrip("/")})
