"""Where someone asks from, as much of it as is kept."""

from enum import StrEnum
from ipaddress import ip_address, ip_network

BITS = {4: 24, 6: 48}  # a shortened address is shared by a few hundred, or a site
PLACE_BITS = {4: 32, 6: 64}  # within a /64 one may be at any address


class Kept(StrEnum):
    """How much of a network address the access log keeps."""

    WHOLE = "whole"
    SHORTENED = "shortened"
    NOTHING = "nothing"


def kept(address: str, how: Kept) -> str:
    """What is kept of an address; nothing of what is none."""
    try:
        whole = ip_address(address)
    except ValueError:
        return ""
    if how is Kept.NOTHING:
        return ""
    return str(whole) if how is Kept.WHOLE else _network(address, BITS)


def place(address: str) -> str:
    """Where tries are counted together: an IPv4 address, or an IPv6 /64."""
    try:
        return _network(address, PLACE_BITS)
    except ValueError:
        return ""


def _network(address: str, bits: dict[int, int]) -> str:
    whole = ip_address(address)
    mapped = getattr(whole, "ipv4_mapped", None)
    whole = mapped or whole
    return str(ip_network(f"{whole}/{bits[whole.version]}", strict=False))
