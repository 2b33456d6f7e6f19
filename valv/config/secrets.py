"""The master key, what is derived from it, and the names we answer to."""

import base64
import binascii
import hashlib
import hmac
from os import urandom as random_bytes
from pathlib import Path
from urllib.parse import urlsplit

from valv.config import env
from valv.core.errors import Misconfigured

KEY_BYTES = 32


def master_key(data: Path) -> bytes | None:
    """The installation's 32-byte master key, or None before ``valv init``.

    ``VALV_MASTER_KEY`` (base64 or hex), else the file ``VALV_MASTER_KEY_FILE``,
    else ``master.key`` in the data folder. A file that is named but cannot be read
    stops the start.
    """
    stated = env.text("VALV_MASTER_KEY")
    if stated:
        return _decoded(stated, "VALV_MASTER_KEY")
    named = env.text("VALV_MASTER_KEY_FILE")
    place = Path(named) if named else data / "master.key"
    try:
        if not named and not place.exists():
            return None
        return _decoded(place.read_text(encoding="ascii").strip(), str(place.name))
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(
            f"The master key file {place.name} cannot be read. "
            "Give Valv's user the right to read it, or name another file in "
            "VALV_MASTER_KEY_FILE."
        ) from None


def _decoded(written: str, name: str) -> bytes:
    for decode in (bytes.fromhex, _base64):
        try:
            key = decode(written)
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            return key
    raise Misconfigured(
        f"{name} must hold 32 bytes in base64 or hex. Put the right key there."
    )


def _base64(written: str) -> bytes:
    return base64.b64decode(written + "=" * (-len(written) % 4), validate=True)


def derived(master: bytes | None, purpose: str) -> str:
    """A secret for ``purpose``; without a master key, one that nobody can foresee."""
    key = master or random_bytes(KEY_BYTES)
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()


def hosts(public_url: str, more: list[str]) -> list[str]:
    name = urlsplit(public_url).hostname or ""
    return [name, "localhost", "127.0.0.1", "[::1]", *more]
