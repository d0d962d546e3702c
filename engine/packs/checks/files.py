"""The files beside the diagrams: forms and notices."""

from collections.abc import Iterator
from typing import cast

from jinja2 import TemplateSyntaxError, meta
from jinja2.exceptions import SecurityError, TemplateAssertionError

from engine.forms import check_schema
from engine.forms.rules import references
from engine.packs.checks.data import Data
from engine.packs.checks.draft import Draft
from engine.packs.options import WORD, choices
from engine.packs.options import references as option_references
from engine.packs.problem import Problem
from engine.template_language import TemplateLanguage


def check_files(draft: Draft) -> Iterator[Problem]:
    """Every mistake in forms and notices."""
    data = Data(draft)
    yield from _forms(draft, data)
    yield from _notices(draft, data)


def _forms(draft: Draft, data: Data) -> Iterator[Problem]:
    for key, schema in draft.schemas.items():
        file = cast(str, draft.pack.find("forms", f"{key}.schema.json"))
        ui_file = draft.pack.find("forms", f"{key}.ui.json")
        ui = draft.json(ui_file) if ui_file else {}
        for place, message in check_schema(schema, ui or {}):
            yield Problem(file, place, "form-schema", message)
        for place, reference in references(schema, ui or {}):
            if not data.is_field(reference):
                message = f"规则所看的“{reference}”不是已声明的“分区.字段”。"
                yield Problem(file, place, "form-reference", message)
        for reference in option_references(schema):
            if draft.config and not any(choices(reference, draft.config)):
                message = f"x-options 应写作 offices.类别，region.toml 中没有：{reference}"
                yield Problem(file, WORD, "form-options", message)
    for path in draft.pack.files:
        if path.startswith("forms/") and path.endswith(".ui.json"):
            name = path.split("/", 2)[2].replace(".ui.json", ".schema.json")
            if draft.pack.find("forms", name) is None:
                yield Problem(path, "", "form-unknown", f"旁边没有对应的表单：{name}")


def _notices(draft: Draft, data: Data) -> Iterator[Problem]:
    environment = TemplateLanguage(escaped=False)
    known = {*data.common, *data.of_items, *data.functions, "this", "portal", "contents"}
    for path in sorted(draft.pack.files):
        if "/notices/" not in path or not path.endswith(".txt"):
            continue
        try:
            source = draft.pack.files[path].decode()
            tree = environment.parse(source)
            environment.compile(source)  # known filters, and nothing that is not allowed
        except UnicodeDecodeError:
            yield Problem(path, "", "notice-broken", "通知模板不是 UTF-8 文字。")
            continue
        except SecurityError as error:
            yield Problem(path, "", "notice-forbidden", f"通知{error.message}")
            continue
        except TemplateAssertionError as error:
            message = f"通知模板第 {error.lineno} 行用了没有的格式或判断。"
            yield Problem(path, "", "notice-broken", message)
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
