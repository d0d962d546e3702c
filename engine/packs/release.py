"""发布版本: freezing a region pack, and handing out what a case began with.

A release never changes, so what is read from it is cached for the life of the process. Processes
are compiled once, when first asked for, and stored: the cached specification must come from a
serializer round trip (a freshly parsed one never finishes an open multi-instance after reload).
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from weakref import WeakKeyDictionary

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import NotFound, PackInvalid
from engine.models import (
    AgencySetting,
    Blob,
    CompiledProcess,
    Office,
    RegionActivation,
    Release,
)
from engine.operations import OperationRegister
from engine.packs.check import check_pack
from engine.packs.pack import Pack, manifest
from engine.packs.region import RegionConfig
from engine.spiff.process import SERIALIZER, Definition, compile_process, load_definition
from engine.template_language import TemplateLanguage


class LoadedRelease:
    """A release in memory: its pack, and its processes ready to run."""

    def __init__(self, release_id: str, pack: Pack) -> None:
        self.id = release_id
        self.pack = pack
        self._definitions: dict[str, Definition] = {}

    @property
    def config(self) -> RegionConfig:
        """The region's configuration as it was frozen."""
        return self.pack.config

    @cached_property
    def text_templates(self) -> TemplateLanguage:
        """The environment notices are rendered in: no access to Python, HTML left alone."""
        return TemplateLanguage(escaped=False)

    def definition(self, session: Session, process: str) -> Definition:
        """Return a compiled process, compiling and storing it when nobody has yet."""
        if process not in self._definitions:
            self._definitions[process] = load_definition(self._compiled(session, process))
        return self._definitions[process]

    def _compiled(self, session: Session, process: str) -> bytes:
        key = {"release_id": self.id, "process": process, "serializer": SERIALIZER}
        stored = session.get(CompiledProcess, key)
        if stored is not None:
            return bytes(stored.content)
        if process not in self.pack.processes:
            raise NotFound(f"本地区没有流程“{process}”。")
        content = compile_process(self.pack.files, process)
        # another process may compile the same at the same moment: both results are equal
        session.execute(
            insert(CompiledProcess).values(**key, content=content).on_conflict_do_nothing()
        )
        return content


class ReleaseShelf:
    """The releases of this installation; loads each at most once per process."""

    def __init__(self) -> None:
        self._loaded: dict[str, LoadedRelease] = {}

    def get(self, session: Session, release_id: str) -> LoadedRelease:
        """Return a release; raise ``NotFound`` when it was never published."""
        if release_id not in self._loaded:
            release = session.get(Release, release_id)
            if release is None:
                raise NotFound("没有找到该办件所用的发布版本。")
            files = _files(session, release.manifest)
            pack = Pack.from_files(release.region, files)
            self._loaded[release_id] = LoadedRelease(release_id, pack)
        return self._loaded[release_id]

    def active(self, session: Session, region: str, at: datetime) -> LoadedRelease:
        """Return the release with which new cases of the region begin at this instant."""
        release_id = active_release(session, region, at)
        if release_id is None:
            raise NotFound("该地区尚未启用。")
        return self.get(session, release_id)


def _files(session: Session, paths: Mapping[str, str]) -> dict[str, bytes]:
    blobs = dict(
        session.execute(select(Blob.id, Blob.content).where(Blob.id.in_(set(paths.values())))).all()
    )
    return {path: bytes(blobs[blob]) for path, blob in paths.items()}


def release_id_of(paths: Mapping[str, str]) -> str:
    """The name of a release: the hash of its manifest."""
    return sha256(json.dumps(paths, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def publish(session: Session, pack: Pack, operations: OperationRegister, now: datetime) -> str:
    """Freeze a pack as a release and return its id; publishing the same pack twice is harmless.

    Raises:
        PackInvalid: the pack has mistakes; all of them are listed. Mend them, then try again.
    """
    paths = manifest(pack)
    release_id = release_id_of(paths)
    if session.get(Release, release_id) is None:
        _require_sound(pack, release_id, operations)
        content = {sha256(raw).hexdigest(): raw for raw in pack.files.values()}
        session.execute(
            insert(Blob)
            .values([{"id": key, "content": raw} for key, raw in content.items()])
            .on_conflict_do_nothing()
        )
        session.add(Release(id=release_id, region=pack.config.code, manifest=paths, created_at=now))
        session.flush()
    return release_id


#: Releases without mistakes, by what they were checked against: files are not checked twice.
_sound: WeakKeyDictionary[OperationRegister, set[str]] = WeakKeyDictionary()


def _require_sound(pack: Pack, release_id: str, operations: OperationRegister) -> None:
    known = _sound.setdefault(operations, set())
    if release_id not in known:
        if problems := check_pack(pack, operations):
            raise PackInvalid(problems)
        known.add(release_id)


def active_release(session: Session, region: str, at: datetime) -> str | None:
    """Name the release with which new cases of the region begin at this instant, if any."""
    return session.scalar(
        select(RegionActivation.release_id)
        .where(RegionActivation.region == region, RegionActivation.active_from <= at)
        .order_by(RegionActivation.active_from.desc(), RegionActivation.id.desc())
        .limit(1)
    )


def activate(session: Session, region: str, release_id: str, active_from: datetime) -> None:
    """Let new cases of the region begin with a release from an instant on."""
    if active_release(session, region, active_from) != release_id:
        session.add(RegionActivation(region=region, release_id=release_id, active_from=active_from))


def seed_agencies(
    session: Session, config: RegionConfig, endpoint: str, *, only_new: bool = False
) -> None:
    """Set up a region's agencies that have no live settings yet; existing settings are kept.

    Only a ``mode`` that differs from what the file said before wins over the live one: somebody
    edited the file. One that stayed the same leaves an administrator's choice alone.

    Args:
        endpoint: address of the agencies' system for agencies set up for the first time.
        only_new: leave the others alone, for a release that is not in use yet.
    """
    for code, agency in config.agencies.items():
        new = insert(AgencySetting).values(
            region=config.code,
            agency=code,
            title=agency.title,
            mode=agency.mode,
            seeded_mode=agency.mode,
            endpoint=endpoint,
            phone=agency.phone,
            hours=agency.hours,
            address=agency.address,
        )
        if only_new:
            session.execute(new.on_conflict_do_nothing())
            continue
        edited = AgencySetting.seeded_mode.not_in(("", agency.mode))
        session.execute(
            new.on_conflict_do_update(
                index_elements=["region", "agency"],
                set_={
                    "mode": case((edited, agency.mode), else_=AgencySetting.mode),
                    "seeded_mode": agency.mode,
                },
            )
        )


def seed_offices(session: Session, config: RegionConfig) -> None:
    """Set up a region's offices that are not there yet; existing ones are kept (JL-061)."""
    for code, office in config.offices.items():
        session.execute(
            insert(Office)
            .values(region=config.code, code=code, **office.model_dump(exclude={"clauses"}))
            .on_conflict_do_nothing()
        )
