"""The documents are complete, and what they claim is so."""

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import yaml
from pydantic import BaseModel

import handlers  # noqa: F401 - registers the operations
from engine.clock import at
from engine.expressions import evaluate
from engine.functions import case_functions
from engine.operations import OperationRegister, operations
from engine.packs.checks import elements
from engine.packs.checks.draft import BUILT_IN, REPLY_FIELDS
from engine.packs.region import RegionConfig
from handlers.envelope import STATUS_TITLES
from handlers.scenario import Theatre, play, read_story
from handlers.scenario.story import Expect, Step
from tests.conftest import Database
from tests.stage import CALENDAR, JILIN, ROOT
from webapp.cli import yijianshi

DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def named(name: str) -> set[str]:
    """Everything a document writes in code."""
    found = re.findall(r"`([^`\n]+)`", text(name))
    return {*found, *(re.split(r"[( ]", one)[0] for one in found)}


def rows(name: str, heading: str) -> Iterator[list[str]]:
    """The rows of the table whose first column is headed so."""
    lines = text(name).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# ---------------------------------------------------------------- complete


def test_every_function_is_documented_and_no_other() -> None:
    documented = {code(row[0])[0].split("(")[0] for row in rows("diagrams.md", "function")}
    assert documented == set(case_functions_here())


def test_every_element_a_diagram_may_hold_is_documented_and_no_other() -> None:
    documented = {code(row[1])[0] for row in rows("diagrams.md", "element")}
    assert documented == elements._KINDS


def test_every_property_the_engine_reads_is_documented_and_no_other() -> None:
    reading = re.compile(
        r'properties(?:\.get\(|\[)"(\w+)"|"(\w+)" (?:not )?in (?:\w+\.)?properties'
    )
    read = {
        one or other
        for path in (*(ROOT / "engine").rglob("*.py"), *(ROOT / "webapp").rglob("*.py"))
        if "forms" not in path.parts
        for one, other in reading.findall(path.read_text("utf-8"))
    }
    assert len(read) > 8
    documented = {code(row[0])[0] for row in rows("diagrams.md", "property")}
    assert documented == read


def test_every_property_our_diagrams_use_is_documented() -> None:
    documented = {code(row[0])[0] for row in rows("diagrams.md", "property")}
    for process in JILIN.processes.values():
        for node in process.nodes.values():
            assert set(node.properties) <= documented, node.id


def test_what_case_data_and_replies_always_hold_is_documented() -> None:
    for section, fields in BUILT_IN.items():
        (row,) = (row for row in rows("diagrams.md", "data") if code(row[0]) == [section])
        assert fields <= set(code(row[1])), section
    assert named("diagrams.md") >= REPLY_FIELDS


def test_every_operation_is_documented_as_it_is() -> None:
    documented = {
        code(row[0])[0]: (row[1], code(row[2]), code(row[3]))
        for row in rows("add-an-agency.md", "operation")
    }
    assert documented == {
        one.code: (one.title, list(one.request.model_fields), list(one.refusals))
        for one in operations
    }


def test_every_status_of_a_reply_is_documented() -> None:
    documented = [code(row[0])[0] for row in rows("add-an-agency.md", "status of a reply")]
    assert sorted(documented) == sorted(STATUS_TITLES)


def test_every_environment_variable_is_documented_and_no_other() -> None:
    sources = (ROOT / "engine/settings.py", ROOT / "webapp/cli/_gunicorn.py")
    reading = re.compile(r"(?:environ(?:, |\.get\(|\[))\"([A-Z_]+)\"")
    read = {name for path in sources for name in reading.findall(path.read_text("utf-8"))}
    secret = importlib.import_module("engine.settings")._SECRETS
    read |= {f"YIJIANSHI_{name.upper()}" for name in secret}
    assert {code(row[0])[0] for row in rows("operations.md", "variable")} == read


def test_every_setting_of_a_region_is_documented() -> None:
    documented = named("add-a-region.md")
    for setting in settings_of(RegionConfig):
        assert setting in documented or any(
            re.match(rf"\[+{setting}[.\]]", one) for one in documented
        ), setting


def settings_of(model: type[BaseModel]) -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(field.alias or name)
        kinds = [field.annotation, *get_args(field.annotation)]
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found |= settings_of(kind)
    return found


def test_every_word_of_a_story_is_documented() -> None:
    documented = named("add-a-region.md")
    verbs = {code(row[0])[0] for row in rows("add-a-region.md", "step")}
    assert verbs <= set(Step.model_fields)
    assert set(Expect.model_fields) | set(Step.model_fields) <= documented


def test_every_command_is_documented_and_no_other() -> None:
    written = {
        " ".join(word for word in one.split()[1:] if re.fullmatch("[a-z]+(-[a-z]+)*", word))
        for row in rows("operations.md", "command")
        for one in code(row[0])
    }
    assert written == set(commands(yijianshi))


def commands(group: click.Group) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in commands(command))
        else:
            yield name


# ---------------------------------------------------------------- true


def case_functions_here() -> Mapping[str, Any]:
    return case_functions(JILIN.config, CALENDAR, at(date(2027, 4, 20), 9), {}, JILIN.tables)


@pytest.mark.parametrize("row", list(rows("diagrams.md", "function")), ids=lambda row: row[0])
def test_functions_give_what_the_document_says(row: list[str]) -> None:
    call, result = code(row[2])
    assert evaluate(call, {}, case_functions_here()) == json.loads(result)


@pytest.mark.parametrize("row", list(rows("diagrams.md", "expression")), ids=lambda row: row[0])
def test_expressions_give_what_the_document_says(row: list[str]) -> None:
    (expression,), (data,), (result,) = map(code, row)
    value = evaluate(expression, json.loads(data), case_functions_here())
    assert value == yaml.safe_load(result)
    assert type(value) is type(yaml.safe_load(result))


def test_the_story_in_the_document_goes_as_told(shared_database: Database, tmp_path: Path) -> None:
    (source,) = re.findall(r"```yaml\n(.*?)```", text("add-a-region.md"), re.DOTALL)
    path = tmp_path / "story.yaml"
    path.write_text(source, "utf-8")

    with Theatre(shared_database.engine, JILIN, CALENDAR) as theatre:
        assert play(theatre, read_story(path)).failures == []


def test_the_agency_in_the_document_registers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", text("add-an-agency.md"), re.DOTALL)
    register = OperationRegister()
    monkeypatch.setattr("engine.operations.operations", register)
    exec(source, {"__name__": "handlers.civil_affairs"})  # noqa: S102 - our own document
    operation = register.get("civil_affairs/marriage")
    assert operation.agency == "civil_affairs"
    assert operation.request(certificate_no="J220199-2027-000001")


def test_options_of_commands_exist() -> None:
    context = click.Context(yijianshi)
    for row in rows("operations.md", "command"):
        group: click.Command | None = yijianshi
        for word in code(row[0])[0].split()[1:]:
            if isinstance(group, click.Group):
                group = group.get_command(context, word)
        assert group is not None
        known = {option for parameter in group.params for option in parameter.opts}
        for option in re.findall(r"--[a-z-]+", " ".join(row)):
            assert option in known, (row[0], option)


def test_files_that_documents_point_to_exist() -> None:
    for document in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        for path in re.findall(
            r"[`(\s]((?:engine|handlers|webapp|docs|tests)/[\w/.-]+\.(?:py|md))",
            (document.read_text("utf-8")),
        ):
            assert (ROOT / path).exists(), (document.name, path)


def test_documents_name_no_place_of_this_machine() -> None:
    for document in DOCS.rglob("*.md"):
        assert not re.search(r"(?<![\w`])/(?:work|home|root|tmp)/", document.read_text("utf-8"))
