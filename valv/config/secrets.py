"""The master key, what is derived from it, and the names we answer to."""

import hashlib
import hmac
from os import urandom as random_bytes
from pathlib import Path
from urllib.parse import urlsplit

from valv.config import env
from valv.core.errors import Misconfigured
from valv.core.master_keys import KEY_BYTES, key_from


def master_key(data: Path) -> bytes | None:
    """The installation's 32-byte master key, or None before ``valv init``.

    ``VALV_MASTER_KEY`` (base64 or hex), else the file ``VALV_MASTER_KEY_FILE``,
    else ``master.key`` in the data folder. A file that is named but cannot be read
    stops the start.
    """
    place = master_key_place(data)
    if place is None:
        return _decoded(env.text("VALV_MASTER_KEY"), "VALV_MASTER_KEY")
    try:
        if not env.text("VALV_MASTER_KEY_FILE") and not place.exists():
            return None
        return _decoded(place.read_text(encoding="ascii").strip(), str(place.name))
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(
            f"The master key file {place.name} cannot be read. "
            "Give Valv's user the right to read it, or name another file in "
            "VALV_MASTER_KEY_FILE."
        ) from None


def master_key_place(data: Path) -> Path | None:
    """The file the master key is read from; None if it is in the environment."""
    if env.text("VALV_MASTER_KEY"):
        return None
    named = env.text("VALV_MASTER_KEY_FILE")
    return Path(named) if named else data / "master.key"


def new_master_key() -> bytes | None:
    """The key that ``valv keys rotate`` is to put in force, if one is stated."""
    stated, named = (
        env.text("VALV_NEW_MASTER_KEY"),
        env.text("VALV_NEW_MASTER_KEY_FILE"),
    )
    if stated:
        return _decoded(stated, "VALV_NEW_MASTER_KEY")
    try:
        text = Path(named).read_text(encoding="ascii").strip() if named else ""
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(
            "The file that VALV_NEW_MASTER_KEY_FILE names cannot be read. Correct it."
        ) from None
    return _decoded(text, "VALV_NEW_MASTER_KEY_FILE") if named else None


def _decoded(written: str, name: str) -> bytes:
    key = key_from(written)
    if key is None:
        raise Misconfigured(
            f"{name} must hold 32 bytes in base64 or hex. Put the right key there."
        )
    return key


def derived(master: bytes | None, purpose: str) -> str:
    """A secret for ``purpose``; without a master key, one that nobody can foresee."""
    key = master or random_bytes(KEY_BYTES)
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()


def hosts(public_url: str, more: list[str]) -> list[str]:
    name = urlsplit(public_url).hostname or ""
    return [name, "localhost", "127.0.0.1", "[::1]", *more]
