"""How a few planted digits might lie in a file or a database, whoever wrote them."""

import base64
import struct


def forms_of(text: str) -> set[bytes]:
    """A text as it might lie somewhere: plain, wide, in hex, in base64; as a number."""
    plain = text.encode()
    forms = {plain, text.encode("utf-16-le"), plain.hex().encode()}
    forms |= {_inside_base64(plain, offset) for offset in range(3)}
    return forms | _forms_of_number(int(text)) if text.isdecimal() else forms


def _inside_base64(plain: bytes, offset: int) -> bytes:
    """What is the same of it whatever stands before and after."""
    written = base64.b64encode(bytes(offset) + plain).rstrip(b"=")
    return written[-(-offset * 8 // 6) : len(plain + bytes(offset)) * 8 // 6]


def _forms_of_number(number: int) -> set[bytes]:
    """As integer and float of either byte order, SQLite's, PostgreSQL's numeric."""
    whole = {struct.pack(f"{order}q", number) for order in "<>"}
    decimal = {struct.pack(f"{order}d", number) for order in "<>"}
    short = number.to_bytes(6 if number < 1 << 47 else 8, "big")
    return whole | decimal | {short, _numeric(number)}


def _numeric(number: int) -> bytes:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    return struct.pack(f"<{len(groups)}h", *reversed(groups))
