"""Where a request to an agency may go.

Administrators type these addresses, and requests carry personal data and come from inside the
office's network: whoever may set an address must not be able to make us talk to this machine, or
to the services a cloud offers its machines (their passwords among them). Agencies do live in
private networks, so those are allowed.

An address is looked at when it is typed and again when a connection is made, at the numbers its
name stands for at that moment.
"""

import ipaddress
from urllib.parse import urlsplit

from engine.errors import Invalid

#: What clouds tell their machines at addresses that are not link-local: Alibaba, Azure, AWS.
_OF_CLOUDS = frozenset(
    ipaddress.ip_address(one) for one in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254")
)
#: Prefixes under which an IPv6 address is an IPv4 address in disguise, and where that begins.
_DISGUISES = (
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)

Number = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORM = "部门接口地址应为 http:// 或 https:// 开头，且不含用户名、参数。"
_PLACE = "该地址指向本机或云平台内部服务，不能作为部门接口地址。"


def check_address(address: str, *, loopback: bool) -> None:
    """Look at an address as it is typed.

    Args:
        address: ``http(s)://host[:port][/path]``.
        loopback: this machine is allowed, too (``YIJIANSHI_LOOPBACK``).

    Raises:
        Invalid: it is no such address, or leads where no agency is; ``errors`` names
            ``endpoint``. Do not retry.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Invalid(_FORM, {"endpoint": _FORM}) from None
    extra = parts.username is not None or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not host or extra or not address.isprintable():
        raise Invalid(_FORM, {"endpoint": _FORM})
    name = host.rstrip(".").lower()
    here = name == "localhost" or name.endswith(".localhost")
    number = _number(name)
    if (here and not loopback) or (number and not is_allowed(number, loopback=loopback)):
        raise Invalid(_PLACE, {"endpoint": _PLACE})


def check_number(number: str, *, loopback: bool) -> None:
    """Look at the number a connection is about to be made to; as ``check_address``."""
    if not is_allowed(ipaddress.ip_address(number.partition("%")[0]), loopback=loopback):
        raise Invalid(_PLACE, {"endpoint": _PLACE})


def is_allowed(number: Number, *, loopback: bool) -> bool:
    """Whether an agency may be there."""
    plain = _undisguised(number)
    if plain.is_loopback:
        return loopback
    return not (
        plain.is_link_local
        or plain.is_multicast
        or plain.is_unspecified
        or plain.is_reserved
        or plain in _OF_CLOUDS
    )


def _number(host: str) -> Number | None:
    """The number a host is, if it is one; programs read ``127.1`` and ``0x7f000001`` as numbers."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    pieces = host.split(".")
    try:
        read = [int(p, 16 if p.startswith("0x") else 8 if p[:1] == "0" else 10) for p in pieces]
        *first, last = read
        whole = sum(one << (8 * (3 - place)) for place, one in enumerate(first)) + last
        return ipaddress.IPv4Address(whole)
    except ValueError:
        return None


def _undisguised(number: Number) -> Number:
    if isinstance(number, ipaddress.IPv6Address) and int(number) > 1:
        for prefix, shift in _DISGUISES:
            if number in prefix:
                return ipaddress.IPv4Address(int(number) >> shift & 0xFFFFFFFF)
    return number
