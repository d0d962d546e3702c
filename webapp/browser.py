"""Where a request comes from, in words its sender recognises and no more exact than needed."""

import ipaddress

from flask import Request

from engine.sign_in_sessions import Browser

#: What a User-Agent holds, in the order in which it tells: most claim to be several.
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("OpenHarmony", "鸿蒙"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "安卓手机"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_PROGRAMS = (
    ("MicroMessenger", "微信"),
    ("AlipayClient", "支付宝"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ 浏览器"),
    ("360SE", "360 浏览器"),
    ("360EE", "360 浏览器"),
    ("MetaSr", "搜狗浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def browser_of(request: Request) -> Browser:
    """The browser that sends a request."""
    return Browser(device_in_words(request.user_agent.string), short_address(request.remote_addr))


def device_in_words(user_agent: str) -> str:
    """``Windows · Edge``; what is not known is said to be another device.

    >>> device_in_words("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0")
    'Windows · Edge'
    """
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    program = next((word for mark, word in _PROGRAMS if mark in user_agent), "")
    return " · ".join(filter(None, (system, program))) or "其他设备"


def short_address(address: str | None) -> str:
    """The network of an address without its last part.

    >>> short_address("10.12.3.4"), short_address("2001:db8:1:2::3"), short_address("127.0.0.1")
    ('10.12.3.*', '2001:db8:1:*', '本机')
    """
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if known.is_loopback:
        return "本机"
    if known.version == 4:
        return str(known).rpartition(".")[0] + ".*"
    return str(ipaddress.ip_network((known, 48), strict=False).network_address).rstrip(":") + ":*"
