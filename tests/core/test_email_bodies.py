"""A letter is known by what its field is called, however spelt, or how it begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.email_bodies import has_body, is_body_name, refuse_body
from valv.core.errors import Refused
from valv.core.interaction import Media

LETTERS = [
    "body", "Body", "BODY_HTML", "bodyText", "body1", "body[0]", "mail.body",
    "e-mail body",
    "emailBody", "email_text", "mailContent", "message", "Message_Text", "htmlContent",
    "text/plain", "text/html", "raw_message", "plainBody", "html-body", "rfc822",
    "attachment_1", "attachments", "Bilaga", "Brödtext", "Meddelande",
    "\uff42\uff4f\uff44\uff59",
    "b\u200body", "bo\u00addy", "  body  ", "mimeParts", "e_mail_message", "bodyhtml",
    "messagebody", "originalMessage", "fullText",
]  # fmt: skip
OTHERS = [
    "order", "subject", "message_id", "attachment_count", "body_size", "somebody",
    "customer_type", "text_color", "context", "contented", "party", "mailbox", "queue",
    "filename", "embody", "email", "priority", "1", "",
]  # fmt: skip


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_by_any_of_its_names(name: str) -> None:
    assert is_body_name(name)
    with pytest.raises(Refused) as refusal:
        refuse_body({"variables": {name: "Dear Sir"}}, media=Media.ETASK)
    assert refusal.value.rule == "email_body"


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_called_otherwise_passes(name: str) -> None:
    assert not is_body_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "<html><body>Dear Sir",
        " <!DOCTYPE html>",
        "<p class=x>Dear",
        "From: a@example.com\nSubject: Dear\n\nSir",
        "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nDear",
    ],
)
def test_a_letter_by_how_it_begins(text: str) -> None:
    assert has_body({"note": text})


@pytest.mark.parametrize("text", ["Received: your order", "5 < 6", "Re: Hi", "A: b"])
def test_a_line_is_no_letter(text: str) -> None:
    assert not has_body({"subject": text})


@pytest.mark.parametrize("value", [None, "", 0, 3, True, [], {}])
def test_a_name_with_nothing_written_under_it_passes(value: object) -> None:
    assert not has_body({"attachments": value})


@given(st.sampled_from(LETTERS), st.sampled_from([Media.PHONE, Media.CHAT, None]))
def test_other_media_may_call_things_what_they_like(
    name: str, media: Media | None
) -> None:
    refuse_body({name: "Dear Sir"}, media=media)


@given(st.sampled_from(["body", "message", "html", "attachment"]), st.data())
def test_neither_case_nor_signs_around_it_hide_it(
    name: str, data: st.DataObject
) -> None:
    around = st.text(alphabet=" _-.[]0123456789\u200b", max_size=4)
    written = data.draw(around) + data.draw(st.sampled_from([name, name.upper()]))

    assert is_body_name(written + data.draw(around))
