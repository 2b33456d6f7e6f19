"""What is masked as it arrives: the tenant's own rules, and trying them on a text.

The text that is tried is answered and forgotten: nothing of it is kept or logged.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from valv.api.endpoint import Call, endpoint
from valv.core.interaction import Text
from valv.core.mask_patterns import MaskPattern
from valv.core.masking import Masking, MaskingRules, Names, Patterns, checked
from valv.core.moments import format_moment
from valv.core.permissions import Right
from valv.core.secret_numbers import Secret
from valv.tenants.operations import set_masking
from valv.tenants.queries import MaskingVersion, masking_version

Kinds = dict[Secret, bool]


class MaskingItem(Struct, frozen=True, kw_only=True):
    """A version of what is masked, since when it is in force, and by whom."""

    version: int
    since: str | None
    set_by: str
    kinds: Kinds
    patterns: tuple[MaskPattern, ...]
    menus: tuple[str, ...]
    variables: tuple[str, ...]


class MaskingStated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is not named stays, and so do kinds.

    ``version`` is the one that is changed; ``since`` and ``set_by`` are passed over, so
    that what was shown may be sent back.
    """

    kinds: Kinds | UnsetType = UNSET
    patterns: Patterns | UnsetType = UNSET
    menus: Names | UnsetType = UNSET
    variables: Names | UnsetType = UNSET
    version: int | None = None
    since: str | None = None
    set_by: str | None = None


class MaskingTried(MaskingStated, frozen=True, kw_only=True):
    """A text, and rules to try on it if they are not those in force."""

    text: Text


class Masked(Struct, frozen=True):
    """A place in the text, in characters, and the mark that it would become."""

    start: int
    end: Annotated[int, Meta(description="just after the last character")]
    mark: str


class MaskingPreview(Struct, frozen=True):
    """The text as it would be kept, and what was masked in it."""

    text: str
    found: list[Masked]


def _in_force(call: Call) -> MaskingVersion:
    tenant = call.caller.tenant
    return masking_version(tenant.id, tenant.masking_version)


def _changed(rules: MaskingRules, stated: MaskingStated) -> MaskingRules:
    named = {
        name: value
        for name in ("patterns", "menus", "variables")
        if (value := getattr(stated, name)) is not UNSET
    }
    if stated.kinds is not UNSET:
        on = {kind for kind, is_on in stated.kinds.items() if is_on}
        named["off"] = (rules.off | stated.kinds.keys()) - on
    return replace(rules, **named)


def _item(one: MaskingVersion) -> MaskingItem:
    return MaskingItem(
        version=one.version,
        since=None if one.since is None else format_moment(one.since),
        set_by=one.set_by,
        kinds={kind: kind not in one.rules.off for kind in Secret},
        patterns=one.rules.patterns,
        menus=one.rules.menus,
        variables=one.rules.variables,
    )


@endpoint("GET", "/masking", right=Right.SETTINGS, answers={200: MaskingItem})
def show_masking(call: Call) -> MaskingItem:
    """Show what is masked as it arrives. Version 0 is as a tenant begins."""
    return _item(_in_force(call))


@endpoint(
    "PUT",
    "/masking",
    right=Right.SETTINGS,
    body=MaskingStated,
    answers={200: MaskingItem},
)
def put_masking(call: Call) -> MaskingItem:
    """Change what is masked, for what comes from now on.

    Fields and kinds that are not named stay as they are. 422 for a pattern that cannot
    be read or is too broad; with `version`, 409 if that is not in force any more.
    """
    stated, caller = call.json(MaskingStated), call.caller
    made = set_masking(
        caller.tenant,
        _changed(_in_force(call).rules, stated),
        actor=caller.actor,
        now=call.now,
        instead_of=stated.version,
    )
    return _item(made)


@endpoint(
    "POST",
    "/masking/preview",
    right=Right.SETTINGS,
    body=MaskingTried,
    answers={200: MaskingPreview},
)
def preview_masking(call: Call) -> MaskingPreview:
    """Say what would be masked in a text, by other rules if they are given.

    Nothing changes, and nothing of the text is kept or logged.
    """
    tried = call.json(MaskingTried)
    rules = checked(_changed(_in_force(call).rules, tried))
    masking = Masking.of(rules, region=call.caller.tenant.region)
    found = [Masked(s.start, s.end, s.mark) for s in masking.spans(tried.text)]
    return MaskingPreview(masking.text(tried.text), found)
