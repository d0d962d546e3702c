"""地区包: all files of a region, its own and the shared ones it uses, as one thing.

Look-up goes region → parent → common: a file of a nearer folder replaces the whole file of the same
name further away; only settings are merged, and clauses added. Once read, a pack holds every file
it uses and knows nothing of folders on disk, so a pack read from a working tree and one rebuilt
from a release are the same.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.decisions.reading import read_table
from engine.decisions.table import Table
from engine.errors import NotFound, PackInvalid
from engine.forms import Form
from engine.packs.clauses import Clause, read_clauses
from engine.packs.diagram import Process, read_processes, read_xml
from engine.packs.options import with_options
from engine.packs.problem import Problem, setting_mistake
from engine.packs.region import RegionConfig
from engine.packs.stages import VISIBLE, stages_of

SETTINGS = "region.toml"
#: Scenarios prove a pack and a demonstration shows it, but no case runs by them: no part of a
#: release.
_LEFT_OUT = {"scenarios", "demo"}
#: Files that name others; the rest is prose.
_NAMING = (".toml", ".bpmn", ".dmn")
#: What a region has beside that of its parents, instead of in its place.
_MERGED = {"clauses.csv", SETTINGS}
#: What its own stories prove says nothing about another region.
_NOT_INHERITED = {"proof.json"}


@dataclass(frozen=True)
class Pack:
    """A region pack.

    Args:
        region: the region's code, which is the name of its folder.
        files: path under the root → content, e.g. ``processes/jilin/region.toml``.
    """

    region: str
    files: Mapping[str, bytes]

    @classmethod
    def from_files(cls, region: str, files: Mapping[str, bytes]) -> "Pack":
        """Rebuild a pack from the files of a release."""
        return cls(region, dict(files))

    @cached_property
    def config(self) -> RegionConfig:
        """The region's settings. Raises ``PackInvalid`` naming every wrong one."""
        return read_config(self.region, self.files)

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """Process id → its diagram. Raises ``PackInvalid`` on a file that is no BPMN."""
        return {process.id: process for process in self._read_processes()}

    def form(self, key: str) -> Form:
        """The form of a user task or start page; raises ``NotFound``."""
        ui = self.find("forms", f"{key}.ui.json")
        schema = self._json(self._path("forms", f"{key}.schema.json"))
        return Form(with_options(schema, self.config), self._json(ui))

    def notice(self, key: str) -> str:
        """The template of a notice: its first line is the title; raises ``NotFound``."""
        return self.files[self._path("processes", f"notices/{key}.txt")].decode()

    def bpmn(self, process: str) -> bytes:
        """The file a process is drawn in; raises ``NotFound``."""
        return self.files[self._process(process).file]

    def process_title(self, process: str) -> str:
        """What a process is called; raises ``NotFound``."""
        return self._process(process).name

    def called_from(self, process: str) -> list[str]:
        """The process and every process it calls, in the order in which they are called."""
        found = [process]
        for caller in found:  # grows while we read it
            for node in self._process(caller).nodes.values():
                called = node.called or ""
                if called in self.processes and called not in found:
                    found.append(called)
        return found

    @cached_property
    def clauses(self) -> Mapping[str, Clause]:
        """Clause id → the sentence, of this region and its parents."""
        return read_clauses(self.files)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Decision id → its table. Raises ``PackInvalid`` on a file that is none."""
        return read_tables(self.files)

    @cached_property
    def message_starts(self) -> Mapping[str, str]:
        """Message → id of the process it starts."""
        return {
            node.message: process.id
            for process in self.processes.values()
            for node in process.nodes.values()
            if node.kind == "startEvent" and node.message
        }

    @cached_property
    def start_events(self) -> frozenset[str]:
        """Ids of all start events."""
        return frozenset(
            node.id
            for process in self.processes.values()
            for node in process.nodes.values()
            if node.kind == "startEvent"
        )

    @cached_property
    def timer_starts(self) -> Mapping[str, str]:
        """Id of a process that starts by itself → the expression of its next time."""
        return {
            process.id: node.expression
            for process in self.processes.values()
            for node in process.nodes.values()
            if node.kind == "startEvent" and node.expression
        }

    @cached_property
    def forms_of_sections(self) -> Mapping[str, Sequence[str]]:
        """Section of case data → the forms it is filled in with."""
        found: dict[str, list[str]] = {}
        for rule in self.config.processes.values():
            if rule.start_form:
                found.setdefault(rule.start_form, []).append(rule.start_form)
        for name, section in self.config.sections.items():
            found.setdefault(name, []).append(section.schema_file.removesuffix(".schema.json"))
        for process in self.processes.values():
            for node in process.nodes.values():
                form = node.properties.get("formJsonSchemaFilename", "")
                if form and "section" in node.properties:
                    key = form.removesuffix(".schema.json")
                    found.setdefault(node.properties["section"], []).append(key)
        return found

    @cached_property
    def section_names(self) -> frozenset[str]:
        """Every section a case of this pack may ever have, ``this.x`` for those of items."""
        written = (
            node.properties["section"]
            for process in self.processes.values()
            for node in process.nodes.values()
            if "section" in node.properties
        )
        return frozenset({*written, *self.forms_of_sections, *self.config.items})

    @cached_property
    def standing_documents(self) -> frozenset[str]:
        """Documents that no diagram issues: they are about the region, not about a case."""
        issued = {
            key
            for process in self.processes.values()
            for node in process.nodes.values()
            for key in node.properties.get("document", "").split()
        }
        return frozenset(self.config.documents.keys() - issued)

    def stage_of(self, process: str, element: str) -> str | None:
        """The stage of an element that people see, if the region has stages."""
        drawn = self.processes.get(process)
        node = drawn.nodes.get(element) if drawn else None
        seen = node is not None and node.kind in VISIBLE
        claims = stages_of(self.config.stages, node) if node and seen else []
        return claims[0] if claims else None

    def document(self, template: str) -> bytes:
        """The template of a document by its file name; raises ``NotFound``."""
        return self.files[self._path("processes", f"documents/{template}")]

    def find(self, top: str, name: str) -> str | None:
        """The path of a file by its name inside a region's folder, e.g. ``notices/receipt.txt``."""
        return self._by_name.get((top, name))

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], str]:
        return {(path.split("/")[0], path.split("/", 2)[2]): path for path in self.files}

    def _read_processes(self) -> Iterator[Process]:
        for path in sorted(self.files):
            if path.endswith(".bpmn"):
                yield from read_processes(path, read_xml(path, self.files[path]))

    def _process(self, process: str) -> Process:
        try:
            return self.processes[process]
        except KeyError:
            raise NotFound(f"本地区没有流程“{process}”。") from None

    def _path(self, top: str, name: str) -> str:
        path = self.find(top, name)
        if path is None:
            raise NotFound(f"本地区没有文件“{name}”。")
        return path

    def _json(self, path: str | None) -> dict[str, Any]:
        if path is None:
            return {}
        content: dict[str, Any] = json.loads(self.files[path])
        return content


def read_pack(root: Path, region: str) -> Pack:
    """Read a region's pack from the folder that holds ``processes/`` and ``forms/``.

    Raises:
        NotFound: there is no such region.
    """
    if not (root / "processes" / region / "region.toml").is_file():
        raise NotFound(f"没有地区“{region}”。")
    files: dict[tuple[str, str], Path] = {}
    for folder in reversed(list(_line(root, region))):
        for top in ("processes", "forms"):
            for path in _files(root / top / folder):
                name = path.relative_to(root / top / folder).as_posix()
                if name in _NOT_INHERITED and folder != region:
                    continue
                # clauses of a parent are not replaced, for its diagrams and forms name them; its
                # settings are merged
                key = path.as_posix() if name in _MERGED else name
                files[top, key] = path
    read = {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(files.values())}
    return Pack(region, _used(read))


def _used(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what lies in ``common/`` and nobody in the pack names: it is for other regions."""
    shared = {path for path in files if path.split("/")[1] == "common"}
    used = [path for path in files if path not in shared]
    for path in used:  # grows while we read it
        if not path.endswith(_NAMING):
            continue
        words = set(re.findall(rb"[A-Za-z][A-Za-z0-9_]*", files[path]))
        named = {one for one in shared if Path(one).name.split(".")[0].encode() in words}
        used += sorted(named)
        shared -= named
    return {path: files[path] for path in files if path in set(used)}


def read_config(region: str, files: Mapping[str, bytes]) -> RegionConfig:
    """Read ``region.toml``, over those of the region's parents.

    A table of a region is merged into that of its parent, setting by setting; everything else
    replaces what the parent says.

    Raises:
        PackInvalid: with every mistake in it.
    """
    path = f"processes/{region}/{SETTINGS}"
    try:
        return RegionConfig.model_validate(_merged(region, files))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = re.search(r"line (\d+)", str(error))
        line = place[1] if place else "1"
        message = f"不是有效的 TOML 文件，第 {line} 行附近有误。"
        raise PackInvalid([Problem(path, "", "toml-malformed", message)]) from error
    except ValidationError as error:
        raise PackInvalid(list(_settings_problems(path, error))) from error


def _merged(region: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What a region says, and where it says nothing its parents do."""
    said: dict[str, Any] = {}
    seen: set[str] = set()
    current: Any = region
    while current not in seen and (path := f"processes/{current}/{SETTINGS}") in files:
        seen.add(current)
        layer = tomllib.loads(files[path].decode())
        current = layer.get("parent")
        if said:
            del layer["code"]  # who the parent is, is not inherited
            layer.pop("parent", None)
        said = _over(said, layer)
    return said


def _over(nearer: Mapping[str, Any], farther: Mapping[str, Any]) -> dict[str, Any]:
    """Two layers of settings as one: tables are merged, what the nearer one says counts.

    ``false`` in the place of a table leaves it out: the region has no such thing.
    """
    both = {**farther, **nearer}
    for key in nearer.keys() & farther.keys():
        if isinstance(farther[key], dict) and isinstance(nearer[key], dict):
            both[key] = _over(nearer[key], farther[key])
        elif isinstance(farther[key], dict) and nearer[key] is False:
            del both[key]
    return both


def read_tables(files: Mapping[str, bytes]) -> dict[str, Table]:
    """Read every decision table among files. Raises ``PackInvalid`` on a file that is none."""
    read = (read_table(path, files[path]) for path in sorted(files) if path.endswith(".dmn"))
    return {table.id: table for table in read}


def manifest(pack: Pack) -> dict[str, str]:
    """Path → sha256 of every file: what a release is made of."""
    return {path: sha256(content).hexdigest() for path, content in sorted(pack.files.items())}


def _settings_problems(path: str, error: ValidationError) -> Iterator[Problem]:
    for mistake in error.errors():
        place = ".".join(str(part) for part in mistake["loc"])
        yield Problem(path, place, "setting", setting_mistake(mistake["type"]))


def _line(root: Path, region: str) -> Iterator[str]:
    """The region's folder, its parents', then the shared one. A broken ``parent`` ends the line."""
    seen: set[str] = set()
    current: str | None = region
    while current and current not in seen and (root / "processes" / current).is_dir():
        seen.add(current)
        yield current
        current = _parent(root / "processes" / current / "region.toml")
    yield "common"


def _parent(path: Path) -> str | None:
    try:
        parent = tomllib.loads(path.read_text()).get("parent")
    except (OSError, ValueError):
        return None
    return parent if isinstance(parent, str) else None


def _files(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _LEFT_OUT.intersection(path.relative_to(folder).parts[:-1]):
            yield path
