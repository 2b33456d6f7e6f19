"""A master key as it is written down: 32 bytes in base64 or hex."""

import base64
import binascii

KEY_BYTES = 32


def key_from(written: str) -> bytes | None:
    """The key that is written so; None for what is none."""
    for decode in (bytes.fromhex, _base64):
        try:
            key = decode(written)
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            return key
    return None


def written(key: bytes) -> bytes:
    """A key as ``valv init`` writes it: a line of base64."""
    return base64.b64encode(key) + b"\n"


def _base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
