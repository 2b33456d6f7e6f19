"""What no template may hold, and that a button follows its permission."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import valv.portal
from tests.browser import example_hits, example_interactions
from tests.browser.preview import draw_part
from valv.portal.contexts.search import Row
from valv.portal.drawn import drawn_choices, drawn_rows

TEMPLATES = sorted((Path(valv.portal.__file__).parent / "templates").rglob("*.html"))
RULED_OUT = {
    "a style attribute": r"\sstyle=",
    "a style element": r"<style",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an event attribute": r"\son[a-z]+=",
    "an htmx expression": r"hx-on|js:|javascript:",
    "an unescaped value": r"\|\s*safe\b",
    "another host": r"(src|href)=\"https?://",
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("what", RULED_OUT)
def test_a_template_holds_nothing_that_the_policy_forbids(
    template: Path, what: str
) -> None:
    text = template.read_text(encoding="utf-8")

    assert re.search(RULED_OUT[what], text) is None


def test_one_who_may_do_nothing_is_shown_no_button() -> None:
    page = example_interactions.call()
    bare = [
        replace(c, may_open=False, may_download=False, may_delete=False)
        for c in page.contents
    ]

    html = draw_part("interaction.html", page=replace(page, contents=tuple(bare)))

    main = html[html.index("<main") : html.index("</main>")]
    assert "formaction" not in main
    assert "/delete" not in main


@pytest.mark.parametrize(
    ("permission", "act"),
    [
        ("may_download_recordings", "download-recordings"),
        ("may_delete_recordings", "delete-recordings"),
        ("may_download_chat_logs", "download-chat-logs"),
        ("may_delete_chat_logs", "delete-chat-logs"),
        ("may_export", "xlsx"),
        ("may_anonymise", "anonymise"),
        ("may_hold", "hold"),
    ],
)
def test_an_act_on_hits_is_there_only_if_permitted(permission: str, act: str) -> None:
    with_it = draw_part("search_hits.html", hits=example_hits.hits(), fragment=True)
    without = draw_part(
        "search_hits.html",
        hits=example_hits.hits(**{permission: False}),
        fragment=True,
    )

    assert f'value="{act}"' in with_it
    assert f'value="{act}"' not in without


def test_a_page_neither_plays_nor_shows_a_chat_log_unasked() -> None:
    page = example_interactions.call()
    unasked = tuple(replace(c, play=None, turns=None) for c in page.contents)

    html = draw_part("interaction.html", page=replace(page, contents=unasked))

    assert "<audio" not in html
    assert 'class="turns"' not in html


def test_what_people_wrote_stays_text() -> None:
    page = example_interactions.call(subject="<b onclick=alert(1)>x</b>")

    assert "<b onclick" not in draw_part("interaction.html", page=page)


def test_what_people_are_called_stays_text_in_the_rows() -> None:
    nasty = "<b title=\"x\" onclick='y'>&"
    texts = dict.fromkeys(Row._fields, nasty)
    row = Row(
        **{
            **texts,
            "contents": ((nasty, nasty, nasty),),
            "held": True,
            "life": (nasty, nasty),
        },  # type: ignore[arg-type]
    )
    columns = ("queue", "agents", "wait", "talk", "outcome", "contents", "score")

    html = drawn_rows(
        example_hits.hits(rows=(row,), columns=(*columns, "session")), acts=True
    )

    assert "<b" not in html
    assert "'" not in html
    assert "&lt;b title=&quot;x&quot;" in html


def test_what_agents_are_called_stays_text_in_the_choices() -> None:
    html = drawn_choices("agent", [('"><b>', "<b>"), ("bo", "Bo")], ("bo",))

    assert "<b" not in html
    assert 'value="bo" checked' in html
