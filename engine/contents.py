"""公开内容: what an office tells applicants in its own words, as it counts on a day (JL-024)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import ContentVersion
from engine.packs.region import ContentRule, RegionConfig


@dataclass(frozen=True)
class Content:
    """A text in force: heading → words. ``version`` 0 is the one the region's file begins with."""

    key: str
    title: str
    parts: Mapping[str, str]
    version: int = 0
    effective_from: date | None = None

    def __str__(self) -> str:
        """All of it as running text, for notices."""
        return "\n".join(f"{heading}：{words}" for heading, words in self.parts.items())


class Contents(Mapping[str, Content]):
    """What counts today, read when somebody first asks for one."""

    def __init__(self, read: Callable[[], Mapping[str, Content]]) -> None:
        self._read = read

    @cached_property
    def _all(self) -> Mapping[str, Content]:
        return self._read()

    def __getitem__(self, key: str) -> Content:
        return self._all[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def contents_of(session: Session, config: RegionConfig, today: date) -> dict[str, Content]:
    """What counts today, by key: of those in force the one that came into force last."""
    found = {key: Content(key, rule.title, rule.first) for key, rule in config.contents.items()}
    if not found:
        return found
    for row in session.scalars(
        select(ContentVersion)
        .where(ContentVersion.region == config.code, ContentVersion.effective_from <= today)
        .order_by(ContentVersion.effective_from, ContentVersion.version)
    ):
        if row.key in found:
            found[row.key] = content_of(config.contents[row.key], row)
    return found


def content_of(rule: ContentRule, row: ContentVersion) -> Content:
    """One version under the headings the region's file has today."""
    parts = {heading: row.parts.get(heading, "") for heading in rule.first}
    return Content(row.key, rule.title, parts, row.version, row.effective_from)
