"""One mail, handed to the mail server from memory, or not sent at all.

Nothing is queued and nothing lies on a disk: what fails is told to whoever asked, to be
asked again. No error repeats what was in the mail, or whom it was to.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex

from django.conf import settings

from valv.core.errors import Busy, ValvError
from valv.core.mail_server import MailServer, Security

SECONDS = 10
LASTING = 500  # an answer from here on stays the same however often one asks


class MailNotSent(ValvError):
    """The mail server is not set up, or did not take the mail; it was kept nowhere."""

    status = 502
    title = "Mail not sent"


def is_set_up() -> bool:
    return settings.VALV_MAIL_SERVER is not None


def sender() -> str:
    """The address that mail comes from."""
    return str(settings.VALV_MAIL_FROM)


def letter(
    to: str, *, subject: str, text: str, language: str, now: datetime
) -> EmailMessage:
    """A mail in plain text that says it is a machine's; its id tells nothing."""
    host = sender().rpartition("@")[2].strip("> ")
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender(), to, subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{token_hex(16)}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text)
    message["Content-Language"] = language
    return message


def send(message: EmailMessage) -> None:
    """Hand a mail over; it is the mail server's when this returns.

    Raises Busy if the server cannot be reached or asks to wait, and MailNotSent.
    """
    server: MailServer | None = settings.VALV_MAIL_SERVER
    if server is None:
        raise MailNotSent("No mail server is set up. Nothing was sent or kept.")
    try:
        with _connected(server) as smtp:
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(max(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise MailNotSent("The mail server cannot take this mail.") from None
    except (OSError, smtplib.SMTPException):
        raise Busy("The mail server cannot be reached. Send it again.") from None


def _refused(code: int) -> ValvError:
    if code < LASTING:
        return Busy("The mail server asks to wait. Send it again.")
    return MailNotSent("The mail server did not take it. Nothing was kept.")


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    trust = ssl.create_default_context()
    if server.security is Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=trust
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    with smtp:
        if server.security is Security.STARTTLS:
            smtp.starttls(context=trust)
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
