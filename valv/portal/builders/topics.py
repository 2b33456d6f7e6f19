"""The list of topics between the form and what it means."""

from collections.abc import Iterable

from django.http import QueryDict

from valv.core.interaction import decoded
from valv.core.registration import Topics
from valv.portal.contexts import Choice
from valv.portal.contexts.topics import TypedCategory

MOST_UNDEFINED = 200


def typed_from(post: QueryDict) -> tuple[TypedCategory, ...]:
    """The categories as they were typed, in their order; empty ones are left out."""
    pairs = zip(post.getlist("category"), post.getlist("topics"), strict=False)
    typed = (
        TypedCategory(name.strip(), "\n".join(_lines(text))) for name, text in pairs
    )
    return tuple(one for one in typed if one.name or one.topics)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def topics_from(typed: Iterable[TypedCategory], *, refuse_undefined: bool) -> Topics:
    """What was typed, checked. Raises Malformed."""
    categories = [
        {"category": one.name or None, "topics": _lines(one.topics)} for one in typed
    ]
    return decoded(
        {"categories": categories, "refuse_undefined": refuse_undefined}, Topics
    )


def typed_of(listed: Topics) -> tuple[TypedCategory, ...]:
    """The list in force, as it stands in the form."""
    return tuple(
        TypedCategory(one.category or "", "\n".join(one.topics))
        for one in listed.categories
    )


def undefined(listed: Topics, picked: Iterable[Choice]) -> tuple[Choice, ...]:
    """What was registered and is not in the list, as far as a page can show."""
    lacking = [one for one in picked if not listed.defines(*one)]
    return tuple(lacking[:MOST_UNDEFINED])
