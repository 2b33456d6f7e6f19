"""Secure links for the pages that show them."""

from collections.abc import Iterable, Mapping

from valv.archive.models import SharedCopy
from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.core.interaction import ContentKind
from valv.portal.builders.contents import turns_of_chat, turns_of_transcript
from valv.portal.builders.log import log_entry
from valv.portal.contexts.interaction import Link, Turn
from valv.portal.contexts.links import SharedItem
from valv.sharing.sent_links import SentLink


def links_shown(links: Iterable[SentLink]) -> tuple[Link, ...]:
    return tuple(map(_link, links))


def _link(one: SentLink) -> Link:
    link = one.link
    return Link(
        number=link.id,
        interaction=str(link.interaction_id),
        session_id=one.session_id,
        to=one.to,
        code_to=one.code_to,
        state=one.state,
        plays=link.plays,
        most_plays=link.most_plays,
        created_at=link.created_at,
        created_by=link.created_by,
        expires_at=link.expires_at,
        ended_at=link.ended_at,
        ended_by=link.ended_by,
        done=tuple(log_entry(act, linked=False) for act in one.done),
    )


def items_shown(
    copies: Iterable[SharedCopy],
    *,
    audio: Mapping[int, str],
    turns: Mapping[int, tuple[Turn, ...]],
) -> tuple[SharedItem, ...]:
    """The copies, those that were opened with where to hear or what to read."""
    return tuple(
        SharedItem(
            id=copy.id,
            kind=ContentKind.numbered(copy.kind).value,
            n=copy.n,
            seconds=copy.seconds,
            audio=audio.get(copy.id, ""),
            turns=turns.get(copy.id),
        )
        for copy in copies
    )


def turns_of(written: ShownChatLog | ShownTranscript) -> tuple[Turn, ...]:
    if isinstance(written, ShownChatLog):
        return turns_of_chat(written)
    return turns_of_transcript(written)
