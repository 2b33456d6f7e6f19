"""Rows and long lists of choices: the one place where HTML stands in Python.

Fifty rows of up to a dozen cells are drawn with every few letters someone types, and
drawing them in the template cost more than finding them. What is the same for many
rows is drawn once. Every value is escaped here, whatever it is.
"""

import re
from collections.abc import Callable, Collection, Iterable
from functools import cache
from html import escape

from django.templatetags.static import static
from django.utils.translation import gettext as _
from markupsafe import Markup

from valv.portal.contexts import Choice
from valv.portal.contexts.search import Hits, Row

_SPECIAL = re.compile("[&<>\"']")
KNOWN = "known"
_LIFE_ICONS = {"live": "live"}


@cache
def drawn_icon(name: str, extra: str = "") -> Markup:
    """One of the icons, of which a page has dozens; ``extra`` is more of its look."""
    use = f'<use href="{_text(static("valv/icons.svg"))}#{_text(name)}"/>'
    look = _text(f"i {extra}".rstrip())
    drawn = f'<svg class="{look}" aria-hidden="true">{use}</svg>'
    return Markup(drawn)  # noqa: S704 - escaped above


def drawn_rows(hits: Hits, *, acts: bool) -> Markup:
    """The rows, with a box to choose each by where there are acts."""
    draw = _Drawing(hits, acts=acts).row
    return Markup("".join([draw(row) for row in hits.rows]))  # noqa: S704 - escaped below


def drawn_choices(
    name: str, choices: Iterable[Choice], chosen: Collection[str]
) -> Markup:
    """A box to check for each of maybe hundreds of agents or queues."""
    start = f'<label class="check"><input type="checkbox" name="{_text(name)}" value="'
    drawn = [
        f'{start}{_text(value)}"{" checked" if value in chosen else ""}>'
        f" <span>{_text(str(words))}</span></label>\n"
        for value, words in choices
    ]
    return Markup("".join(drawn))  # noqa: S704 - escaped above


def _text(value: str) -> str:
    return escape(value) if _SPECIAL.search(value) else value


class _Drawing:
    """How the rows of one answer are drawn; the pieces drawn already are kept."""

    def __init__(self, hits: Hits, *, acts: bool) -> None:
        self._choose = _text(_("Select"))
        self._acts = acts
        self._cells = [_CELLS[column] for column in hits.columns if column in _CELLS]
        self._tiles: dict[tuple[str, str], str] = {}
        self._marks: dict[tuple[str, str, str], str] = {}
        self._held = self._mark("lock", "held", _("On hold"))
        self._restricted = self._mark(
            "restricted", "restricted", _("Restricted recording")
        )

    def row(self, row: Row) -> str:
        id_, started = _text(row.id), _text(row.started)
        box = (
            f'<td class="c-pick"><input type="checkbox" name="id" value="{id_}"'
            f' aria-label="{self._choose} {started}"></td>'
            if self._acts
            else ""
        )
        cells = "".join([cell(self, row) for cell in self._cells])
        return (
            f'<tr>{box}<td class="c-when"><a data-hit href="{_text(row.href)}">'
            f"{self._tile(row)} {started}</a></td>{self._who(row)}{cells}</tr>\n"
        )

    def _tile(self, row: Row) -> str:
        found = self._tiles.get((row.media, row.media_words))
        if found is None:
            found = self._tiles[row.media, row.media_words] = (
                f'<span class="tile m-{_text(row.media)}">'
                f"{drawn_icon(row.media)}</span>"
                f'<span class="sr">{_text(row.media_words)}</span>'
            )
        return found

    def _who(self, row: Row) -> str:
        shown, state = _text(row.identity), row.identity_state
        if state != KNOWN:
            icon = drawn_icon(state)
            shown = f'<span class="nobody is-{_text(state)}">{icon}{shown}</span>'
        also = f"<small>{_text(row.also)}</small>" if row.also else ""
        return f'<td class="c-who">{shown}{also}</td>'

    def _mark(self, icon: str, look: str, words: str) -> str:
        shown = _text(words)
        return (
            f'<span class="has {_text(look)}" title="{shown}">{drawn_icon(icon)}'
            f'<span class="sr">{shown}</span></span>'
        )

    def contents(self, row: Row) -> str:
        marks = [self._content(one) for one in row.contents]
        if row.life:
            marks.insert(0, self._life(row.life))
        if row.held:
            marks.append(self._held)
        if row.restricted:
            marks.append(self._restricted)
        return f'<td class="c-contents">{"".join(marks)}</td>'

    def _life(self, life: tuple[str, str]) -> str:
        state, words = life
        return self._mark(_LIFE_ICONS.get(state, "clock"), f"l-{state}", words)

    def _content(self, one: tuple[str, str, str]) -> str:
        found = self._marks.get(one)
        if found is None:
            kind, state, words = one
            found = self._marks[one] = self._mark(kind, f"s-{state}", words)
        return found


def _score(_drawing: _Drawing, row: Row) -> str:
    shown = (
        f'<span class="score {_text(row.mood)}">{_text(row.score)}</span>'
        if row.score
        else ""
    )
    return f'<td class="num c-score">{shown}</td>'


_CELLS: dict[str, Callable[[_Drawing, Row], str]] = {
    "queue": lambda _, row: f'<td class="c-queue">{_text(row.queue)}</td>',
    "agents": lambda _, row: f'<td class="c-agents">{_text(row.agents)}</td>',
    "wait": lambda _, row: f'<td class="num c-wait">{_text(row.wait)}</td>',
    "talk": lambda _, row: f'<td class="num c-talk">{_text(row.talk)}</td>',
    "outcome": lambda _, row: f'<td class="c-outcome">{_text(row.outcome)}</td>',
    "contents": _Drawing.contents,
    "score": _score,
    "session": lambda _, row: f'<td class="c-session">{_text(row.session)}</td>',
}
