"""Pictures of every page, and docs/pages.md that shows them."""

import re
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.sights import SIZES, Sight

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "docs" / "images" / "pages"
#: Longer pages are cut off in pictures.
_TALLEST = 3_000
_READERS = {
    "nobody": "without signing in",
    "the clerk": "a clerk with all roles",
    "the unit's administrator": "an employer",
    "the retiree": "a retiree",
}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}")
_HEAD = """# All pages

Every page as somebody sees it who may open it, at a desk (1440 px) and on a telephone (390 px).
`make gallery` takes the pictures anew and writes this file; `tests/browser/test_every_page.py` asks
axe about each of them. All people are invented.
"""


def photograph(page: Page, name: str) -> None:
    """Keep a picture of the page as it stands, for docs/pages.md."""
    size = page.viewport_size
    assert size is not None
    height = min(page.evaluate("document.documentElement.scrollHeight"), _TALLEST)
    clip = {
        "x": 0,
        "y": 0,
        "width": size["width"],
        "height": max(height, size["height"]),
        "scale": 1,
    }
    devtools = page.context.new_cdp_session(page)
    taken = devtools.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": 55, "clip": clip, "captureBeyondViewport": True},
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}-{size['width']}.webp").write_bytes(b64decode(taken["data"]))


def write_page(seen: Iterable[tuple[Sight, str]]) -> None:
    """Write docs/pages.md.

    Args:
        seen: every sight with the title of its page.
    """
    lines = [_HEAD]
    for sight, title in seen:
        reader = _READERS[sight.who]
        address = sight.path.partition("?")[0]
        lines += [f"## {title}", "", f"`{_anonymous(address)}`, {reader}", ""]
        for (width, _), shown in zip(SIZES, (560, 170), strict=True):
            source = f"images/pages/{sight.name}-{width}.webp"
            picture = f'<img src="{source}" width="{shown}" alt="{title}, {width} px">'
            lines.append(f'<a href="{source}">{picture}</a>')
        lines.append("")
    (ROOT / "docs" / "pages.md").write_text("\n".join(lines))


def _anonymous(address: str) -> str:
    """The address without ids, which differ from run to run."""
    return _ID.sub("…", address)
