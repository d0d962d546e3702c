"""The files beside the diagrams: settings, forms and notices."""

from collections.abc import Iterator
from typing import cast

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment

from engine.forms import check_schema
from engine.forms.rules import references
from engine.packs.checks.data import Data
from engine.packs.checks.draft import Draft
from engine.packs.problem import Problem
from engine.packs.region import RegionConfig


def check_files(draft: Draft) -> Iterator[Problem]:
    """Every mistake in ``region.toml``, forms and notices."""
    data = Data(draft)
    if draft.config is not None:
        yield from _settings(draft, draft.config, data)
    yield from _forms(draft, data)
    yield from _notices(draft, data)


def _settings(draft: Draft, config: RegionConfig, data: Data) -> Iterator[Problem]:
    file = f"processes/{draft.pack.region}/region.toml"
    if config.code != draft.pack.region:
        message = f"code 应与文件夹名一致：{draft.pack.region}"
        yield Problem(file, "code", "region-code", message)
    for place, agency in (
        *((f"lanes.{name}.agency", lane.agency) for name, lane in config.lanes.items()),
        *((f"items.{code}.agency", item.agency) for code, item in config.items.items()),
    ):
        if agency is not None and agency not in config.agencies:
            yield Problem(file, place, "agency-unknown", f"[agencies] 中没有这个部门：{agency}")
    for name, process in config.processes.items():
        if name not in draft.processes:
            yield Problem(file, f"processes.{name}", "process-missing", f"没有画这个流程：{name}")
        if process.start_form not in draft.schemas:
            message = f"没有这个表单文件：{process.start_form}.schema.json"
            yield Problem(file, f"processes.{name}.start_form", "form-unknown", message)
    for name, section in config.sections.items():
        if section.schema_file.removesuffix(".schema.json") not in draft.schemas:
            message = f"没有这个文件：forms 下的 {section.schema_file}"
            yield Problem(file, f"sections.{name}.schema_file", "form-unknown", message)
    for code, rule in config.deadlines.items():
        for start in rule.start:
            if start != "now" and not _is_field(data, start):
                message = f"起算日期“{start}”不是已声明的“分区.字段”。"
                yield Problem(file, f"deadlines.{code}.start", "field-unknown", message)


def _is_field(data: Data, dotted: str) -> bool:
    section, _, name = dotted.rpartition(".")
    if name in data.common.get(section, set()):
        return True
    item, _, own = section.partition(".")
    return name in data.of_items.get(item, {}).get(f"this.{own}", set())


def _forms(draft: Draft, data: Data) -> Iterator[Problem]:
    for key, schema in draft.schemas.items():
        file = cast(str, draft.pack.find("forms", f"{key}.schema.json"))
        ui_file = draft.pack.find("forms", f"{key}.ui.json")
        ui = draft.json(ui_file) if ui_file else {}
        for place, message in check_schema(schema, ui or {}):
            yield Problem(file, place, "form-schema", message)
        for place, reference in references(schema, ui or {}):
            if not _is_field(data, reference):
                message = f"规则所看的“{reference}”不是已声明的“分区.字段”。"
                yield Problem(file, place, "form-reference", message)
    for path in draft.pack.files:
        if path.startswith("forms/") and path.endswith(".ui.json"):
            name = path.split("/", 2)[2].replace(".ui.json", ".schema.json")
            if draft.pack.find("forms", name) is None:
                yield Problem(path, "", "form-unknown", f"旁边没有对应的表单：{name}")


def _notices(draft: Draft, data: Data) -> Iterator[Problem]:
    environment = SandboxedEnvironment()
    known = {*data.common, *data.of_items, *data.functions, "this"}
    for path in sorted(draft.pack.files):
        if "/notices/" not in path or not path.endswith(".txt"):
            continue
        try:
            source = draft.pack.files[path].decode()
            tree = environment.parse(source)
        except UnicodeDecodeError:
            yield Problem(path, "", "notice-broken", "通知模板不是 UTF-8 文字。")
            continue
        except TemplateSyntaxError as error:
            message = f"通知模板第 {error.lineno} 行附近写法有误，请检查括号和 if、for 是否成对。"
            yield Problem(path, "", "notice-broken", message)
            continue
        title, _, body = source.partition("\n")
        if not title.strip() or not body.strip():
            yield Problem(path, "", "notice-empty", "通知第一行写标题，空一行后写正文。")
        for name in sorted(meta.find_undeclared_variables(tree) - known):
            yield Problem(path, "", "notice-name", f"通知模板用了没有声明的数据分区：{name}")
