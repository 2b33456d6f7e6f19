"""Where mail goes, and how safely, out of one URL."""

import pytest

from valv.core.errors import Malformed
from valv.core.mail_server import MailServer, Security, mail_server_from

SERVERS = {
    "smtps://mail.example": MailServer("mail.example", 465, Security.TLS),
    "smtp://mail.example": MailServer("mail.example", 25, Security.STARTTLS),
    "smtp://mail.example:587": MailServer("mail.example", 587, Security.STARTTLS),
    "smtp://localhost:1025": MailServer("localhost", 1025, Security.NONE),
    "smtp://127.0.0.1": MailServer("127.0.0.1", 25, Security.NONE),
    "smtp://[::1]:25": MailServer("::1", 25, Security.NONE),
    "smtp://relay?tls=off": MailServer("relay", 25, Security.NONE),
    "smtps://a%40b:p%2Fw@m.example": MailServer(
        "m.example", 465, Security.TLS, "a@b", "p/w"
    ),
}


@pytest.mark.parametrize("url", SERVERS)
def test_a_url_says_where_and_how_safely(url: str) -> None:
    assert mail_server_from(url) == SERVERS[url]


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://x", "smtp://", "smtp://x:port", "smtp://x?tls=maybe",
     "smtp://x?starttls=no", "smtp://[x"],
)  # fmt: skip
def test_what_names_no_mail_server_is_malformed(url: str) -> None:
    with pytest.raises(Malformed):
        mail_server_from(url)


def test_a_password_is_in_no_words_of_it() -> None:
    assert "secret" not in repr(mail_server_from("smtp://a:secret@localhost"))
