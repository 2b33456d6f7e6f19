"""Identifiers that nothing points at any more."""

from collections.abc import Iterable

from valv.archive.models import Identifier, Interaction, OtherParty
from valv.core.identifiers import Kind

COLUMNS = {
    Kind.PHONE: "phone_id",
    Kind.EMAIL: "email_id",
    Kind.NAME: "name_id",
    Kind.HANDLE: "handle_id",
}


def identifiers_of(interactions: Iterable[Interaction]) -> set[int]:
    """All identifiers that these interactions point at."""
    listed = list(interactions)
    found = {getattr(one, column) for one in listed for column in COLUMNS.values()} - {
        None
    }
    others = OtherParty.objects.filter(
        interaction_id__in=[one.id for one in listed if one.has_others]
    )
    return found | set(others.values_list("identifier_id", flat=True))


def remove_unused(touched: Iterable[int]) -> list[int]:
    """Drop the rows of those that nothing points at; their keys are still to go."""
    ids = set(touched)
    used: set[int] = set(
        OtherParty.objects.filter(identifier_id__in=ids).values_list(
            "identifier_id", flat=True
        )
    )
    for column in COLUMNS.values():
        pointing = Interaction.objects.filter(**{f"{column}__in": ids - used})
        used |= set(pointing.values_list(column, flat=True).distinct())
    unused = sorted(ids - used)
    Identifier.objects.filter(id__in=unused).delete()
    return unused
