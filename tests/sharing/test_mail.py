"""Mail goes out over a line that is safe, to a server that is who it says, or not."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from tests.cast import NOW
from tests.peers.smtp import HERE, Mailbox, serving
from valv.core.errors import Busy
from valv.core.mail_server import MailServer, Security
from valv.sharing import mail
from valv.sharing.mail import MailNotSent

Send = Callable[..., None]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HERE)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(NOW - timedelta(days=3650))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    place = tmp_path / "mail.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    place.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return place


@pytest.fixture
def line(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def send(settings: Settings) -> Send:
    def sent(box: Mailbox, security: Security, *login: str) -> None:
        settings.VALV_MAIL_SERVER = MailServer(HERE, box.port, security, *login)
        message = EmailMessage()
        message["From"], message["To"] = "a@acme.example", "b@example.com"
        message.set_content("Hi")
        mail.send(message)

    return sent


@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_over_tls(send: Send, line: ssl.SSLContext) -> None:
    with serving(tls=line) as box:
        send(box, Security.TLS)

    assert len(box.mails) == 1


@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_over_starttls(send: Send, line: ssl.SSLContext) -> None:
    with serving(starttls=line) as box:
        send(box, Security.STARTTLS)

    assert len(box.mails) == 1


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    send: Send, line: ssl.SSLContext, security: Security
) -> None:
    how = {"tls": line} if security is Security.TLS else {"starttls": line}
    with serving(**how) as box, pytest.raises(Busy):  # type: ignore[arg-type]
        send(box, security)

    assert box.mails == []


def test_a_server_without_starttls_gets_nothing(send: Send) -> None:
    with serving() as box, pytest.raises(MailNotSent):
        send(box, Security.STARTTLS)

    assert box.mails == []


@pytest.mark.usefixtures("trusted")
def test_it_signs_in_where_it_has_to(send: Send, line: ssl.SSLContext) -> None:
    with serving(starttls=line, password="right") as box:
        send(box, Security.STARTTLS, "valv", "right")
        with pytest.raises(MailNotSent) as refusal:
            send(box, Security.STARTTLS, "valv", "wrong")

    assert len(box.mails) == 1
    assert "wrong" not in refusal.value.detail
