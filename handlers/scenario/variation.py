"""A region with other settings: how a story tries the choice that the region did not make.

The release is the same; only the values of ``[parameters]`` differ, or that it is a practice
region, for as long as the story goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import Invalid
from engine.packs.pack import Pack
from engine.packs.region import RegionConfig
from engine.packs.release import LoadedRelease, ReleaseShelf


@dataclass(frozen=True)
class _VariedPack(Pack):
    """The files of a pack, read with other values of some parameters, or as one to practise in."""

    values: Mapping[str, Any] = field(default_factory=dict)
    practice: bool = False

    @cached_property
    def config(self) -> RegionConfig:
        read = Pack(self.region, self.files).config
        varied = {
            code: read.parameters[code].model_copy(update={"value": value})
            for code, value in self.values.items()
        }
        changed = {"parameters": {**read.parameters, **varied}, "practice": self.practice}
        return read.model_copy(update=changed)


class VariedShelf(ReleaseShelf):
    """The shelf of a story that says ``parameters`` or ``practice``.

    Args:
        values: code of ``[parameters]`` → the value it has in this story.
        practice: whether the region is one to practise in.

    Raises:
        Invalid: the region has no such parameter.
    """

    def __init__(self, pack: Pack, values: Mapping[str, Any], practice: bool = False) -> None:
        super().__init__()
        unknown = sorted(values.keys() - pack.config.parameters.keys())
        if unknown:
            raise Invalid(f"region.toml 的 [parameters] 中没有：{'、'.join(unknown)}")
        self._values, self._practice = values, practice
        self._varied: dict[str, LoadedRelease] = {}

    def get(self, session: Session, release_id: str) -> LoadedRelease:
        """Return a release, read with the story's values."""
        if release_id not in self._varied:
            found = super().get(session, release_id)
            pack = _VariedPack(found.pack.region, found.pack.files, self._values, self._practice)
            self._varied[release_id] = LoadedRelease(release_id, pack)
        return self._varied[release_id]
