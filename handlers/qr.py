"""QR codes as drawings on a page."""

import segno
from markupsafe import Markup


def qr(content: str, title: str) -> Markup:
    """A QR code as SVG that any telephone reads.

    Args:
        content: an address.
        title: what it is, for those who do not see it.
    """
    made = segno.make(content, micro=False, error="m")
    svg = made.svg_inline(scale=5, border=4, title=title, light="#fff")
    return Markup(svg)  # noqa: S704 - drawn by the library from modules, the content is not in it
