"""Official documents: their settings, and templates that could not be rendered."""

import io
import re
import string
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateAssertionError
from lxml import etree

from engine.documents.names import CASE_NAMES, REGION_NAMES
from engine.documents.rendering import environment, medium_of
from engine.documents.sheets import templates
from engine.errors import Invalid, PackInvalid
from engine.media import DOCX, XLSX, unpack
from engine.packs.checks.data import Data
from engine.packs.checks.draft import Draft
from engine.packs.diagram import read_xml
from engine.packs.problem import Problem
from engine.packs.region import DocumentRule

#: A template is a page or two; pictures in it are small.
MOST_BYTES = 2_000_000
_TAGS = re.compile(r"<[^>]*>")
_FORBIDDEN = ("/embeddings/", "/activex/", "/oleobject")


def check_documents(draft: Draft) -> Iterator[Problem]:
    """Every mistake in ``[documents]`` and in the templates they name."""
    if draft.config is None:
        return
    file = f"processes/{draft.pack.region}/region.toml"
    issued = {
        key for _, node in draft.nodes() for key in node.properties.get("document", "").split()
    }
    data = Data(draft)
    for key, rule in draft.config.documents.items():
        for place, code, message in _settings(rule):
            yield Problem(file, f"documents.{key}.{place}", code, message)
        path = draft.pack.find("processes", f"documents/{rule.template}")
        if path is None:
            message = f"没有这个文书模板：documents/{rule.template}"
            yield Problem(file, f"documents.{key}.template", "document-missing", message)
        elif medium_of(rule.template) is not None:
            known = _known(data) if key in issued else dict.fromkeys({*REGION_NAMES, "document"})
            yield from _template(path, draft.pack.files[path], known)


Known = Mapping[str, set[str] | None]


def _known(data: Data) -> Known:
    """What a document about a case may name: sections with their fields, the rest without."""
    free = {*CASE_NAMES, *data.of_items, *data.functions}
    return {**dict.fromkeys(free), **data.common}


def _settings(rule: DocumentRule) -> Iterator[tuple[str, str, str]]:
    if medium_of(rule.template) is None:
        yield "template", "document-kind", "文书模板应为 .docx、.xlsx 或 .txt 文件。"
    if not rule.audience:
        yield "for", "document-for", "请写明文书给谁：applicant、person、unit、agency、office。"
    if not rule.number:
        return
    try:
        parts = list(string.Formatter().parse(rule.number))
        fields = [name for _, name, _, _ in parts if name is not None]
        shown = rule.number.format(year=2027, n=1)
    except (ValueError, LookupError, AttributeError):
        fields, shown = [], ""
    if "n" not in fields or not set(fields) <= {"n", "year"} or len(shown) > 60:
        message = "文号应含 {n}（序号），可含 {year}（年份），例如 吉退审字〔{year}〕{n:05d}号。"
        yield "number", "document-number", message


def _template(path: str, content: bytes, known: Known) -> Iterator[Problem]:
    if len(content) > MOST_BYTES:
        yield Problem(path, "", "document-broken", "文书模板超过 2 MB，请压缩其中的图片。")
        return
    try:
        match medium_of(path):
            case medium if medium is DOCX:
                yield from _unsafe(path, unpack(content))
                yield from _word(path, content, known)
            case medium if medium is XLSX:
                yield from _unsafe(path, unpack(content))
                for place, source in templates(content):
                    yield from _source(path, place, source, known, escaped=False)
            case _:
                yield from _source(path, "", content.decode(), known, escaped=False)
    except UnicodeDecodeError:
        yield Problem(path, "", "document-broken", "文书模板不是 UTF-8 文字。")
    except Invalid as error:
        yield Problem(
            path, "", "document-broken", f"文书模板{error.message.removeprefix('文件')}。"
        )
    except Exception:
        yield Problem(path, "", "document-broken", "文书模板无法打开，请用办公软件另存后再试。")


def _unsafe(path: str, packed: ZipFile) -> Iterator[Problem]:
    """What a template must not bring along: things that are fetched or run when it is opened."""
    for name in packed.namelist():
        if any(part in f"/{name.lower()}" for part in _FORBIDDEN):
            message = "文书模板中嵌有其他文件或控件，请删除。"
            yield Problem(path, name, "document-unsafe", message)
        if not name.endswith((".xml", ".rels")):
            continue
        try:
            root = read_xml(path, packed.read(name))
        except PackInvalid as error:
            yield Problem(path, name, "document-broken", error.problems[0].message)
            continue
        if name.endswith(".rels") and _leads_outside(root):
            message = "文书模板引用了外部文件或网址，请删除链接。"
            yield Problem(path, name, "document-unsafe", message)


def _leads_outside(root: etree._Element) -> bool:
    return any(one.get("TargetMode") == "External" for one in root)


def _word(path: str, content: bytes, known: Known) -> Iterator[Problem]:
    paper = DocxTemplate(io.BytesIO(content))
    paper.init_docx()
    parts = [("正文", paper.patch_xml(paper.get_xml()))]
    for uri, title in ((paper.HEADER_URI, "页眉"), (paper.FOOTER_URI, "页脚")):
        parts += [
            (title, paper.patch_xml(paper.get_part_xml(part)))
            for _, part in paper.get_headers_footers(uri)
        ]
    for place, source in parts:
        yield from _source(path, place, source, known, escaped=True)


def _source(
    path: str, place: str, source: str, known: Known, *, escaped: bool
) -> Iterator[Problem]:
    made = environment(escaped=escaped)
    try:
        tree = made.parse(source)
        made.compile(source)  # before anything else looks at it: looking may work out constants
        names = meta.find_undeclared_variables(tree)
    except SecurityError as error:
        yield Problem(path, place, "document-forbidden", f"文书{error.message}")
        return
    except TemplateAssertionError as error:
        message = f"文书模板{_near(place, source, error)}：没有这个格式：{_named(error)}"
        yield Problem(path, place, "document-syntax", message)
        return
    except TemplateSyntaxError as error:
        message = f"文书模板{_near(place, source, error)}写法有误，请检查括号和 if、for 是否成对。"
        yield Problem(path, place, "document-syntax", message)
        return
    for name in sorted(names - known.keys() - {"number"}):
        message = f"文书模板用了没有声明的数据分区：{name}"
        yield Problem(path, place, "document-name", message)
    for section, field in sorted(_fields(tree)):
        fields = known.get(section)
        if section in names and fields is not None and field not in fields:
            message = f"文书模板用了数据分区“{section}”中没有的字段：{field}"
            yield Problem(path, place, "document-field", message)


def _fields(tree: nodes.Template) -> set[tuple[str, str]]:
    """Every ``section.field`` a template reads."""
    return {
        (found.node.name, found.attr)
        for found in tree.find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name)
    }


def _named(error: TemplateAssertionError) -> str:
    found = re.search(r"'([^']{1,40})'", error.message or "")
    return found[1] if found else ""


def _near(place: str, source: str, error: TemplateSyntaxError) -> str:
    """Where a mistake is, in words somebody can search for."""
    lines = source.splitlines()
    line = lines[error.lineno - 1] if 0 < error.lineno <= len(lines) else ""
    text = "".join(_TAGS.sub("", line).split())[:30]
    where = place or f"第 {error.lineno} 行"
    return f"{where}“{text}”附近" if text else f"{where}附近"
