"""A real mail server on a port of its own, which keeps what it is given in memory."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pytest_django import Settings

from tests.processes import free_port
from valv.core.mail_server import mail_server_from

HERE = "127.0.0.1"


@dataclass
class Mailbox:
    """What came, and what the server is to answer: a code and words, or nothing."""

    port: int = 0
    to: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if not self.answer.startswith("2"):
            return self.answer
        self.to += envelope.rcpt_tos
        made = message_from_bytes(envelope.content, policy=default)
        self.mails.append(made)
        return self.answer


@contextmanager
def serving(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    password: str = "",
) -> Iterator[Mailbox]:
    """A server that takes mail until the block is left."""
    mailbox = Mailbox(free_port())

    def is_known(*given: Any) -> AuthResult:
        known = given[-1].password.decode() == password
        return AuthResult(success=known, handled=False)  # the server is to answer

    asked: dict[str, Any] = {}
    if password:
        asked = {"authenticator": is_known, "auth_required": True}
    controller = Controller(
        mailbox,
        hostname=HERE,
        port=mailbox.port,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        **asked,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """Where the mail of this process goes."""
    with serving() as box:
        settings.VALV_MAIL_FROM = "valv@acme.example"
        settings.VALV_MAIL_SERVER = mail_server_from(f"smtp://{HERE}:{box.port}")
        yield box
