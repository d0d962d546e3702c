"""The corpus of known sandbox escapes: refused where they enter, harmless if they are run."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from docx import Document as Word
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError
from openpyxl import Workbook

from engine.documents.rendering import environment, render
from engine.errors import DiagramFault, EngineError
from engine.expressions import check_expression, evaluate, run_script
from engine.packs.check import check_pack
from engine.packs.pack import Pack
from engine.template_language import TemplateLanguage
from tests.stage import JILIN, operations

CORPUS = Path(__file__).parent.parent / "data" / "escapes"


def corpus(name: str) -> list[str]:
    """The entries of one file of the corpus."""
    return list(yaml.safe_load((CORPUS / f"{name}.yaml").read_text()))


EXPRESSIONS, SCRIPTS, TEMPLATES = corpus("expressions"), corpus("scripts"), corpus("templates")
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "today": lambda: "2027-05-20",
    "now": lambda: "2027-05-20T09:00:00+08:00",
    "at": lambda date, hour: f"{date}T{hour:02}:00+08:00",
}
SECTIONS = {"fund": {"action"}, "apply": {"items"}, "this.eligibility": {"months"}}


def names() -> dict[str, Any]:
    """Case data, fresh for every test."""
    return {
        "fund": {"action": "withdraw"},
        "apply": {"items": ["pension"]},
        "rounds": 2,
        "this": {"eligibility": {"months": 180}},
    }


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    for entries in (EXPRESSIONS, SCRIPTS, TEMPLATES):
        assert len(set(entries)) == len(entries)
    assert len(EXPRESSIONS) >= 100
    assert len(TEMPLATES) >= 100


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_an_expression_that_would_escape_is_refused_on_paper_and_when_run(source: str) -> None:
    assert check_expression(source, sections=SECTIONS, locals={"rounds"}, functions=FUNCTIONS)
    with pytest.raises(DiagramFault):
        evaluate(source, names(), FUNCTIONS)


@pytest.mark.parametrize("source", SCRIPTS)
def test_a_script_that_does_more_than_assign_is_refused(source: str) -> None:
    with pytest.raises(DiagramFault):
        run_script(source, names(), FUNCTIONS)


@pytest.mark.parametrize("source", TEMPLATES)
@pytest.mark.parametrize(
    "language", [environment(escaped=True), TemplateLanguage(escaped=False)], ids=["paper", "sms"]
)
def test_a_template_that_would_escape_is_refused_and_changes_nothing(
    source: str, language: TemplateLanguage
) -> None:
    given = {**names(), **FUNCTIONS}
    with pytest.raises(TemplateError):
        language.from_string(source).render(given)
    assert given == {**names(), **FUNCTIONS}


def test_check_names_the_notice_that_would_escape() -> None:
    hostile = {
        f"processes/jilin/notices/hostile_{number}.txt": f"标题\n\n{source}\n".encode()
        for number, source in enumerate(TEMPLATES)
    }
    problems = check_pack(Pack("jilin", {**JILIN.files, **hostile}), operations)
    assert set(hostile) <= {problem.file for problem in problems}


@pytest.mark.parametrize("source", TEMPLATES[::9])
def test_a_word_or_excel_template_that_would_escape_is_not_rendered(source: str) -> None:
    paper, file = Word(), io.BytesIO()
    paper.add_paragraph(source)
    paper.save(file)
    with pytest.raises(EngineError, match="无法生成"):
        render("hostile.docx", file.getvalue(), names())
    book, table = Workbook(), io.BytesIO()
    book.worksheets[0]["A1"] = source
    book.save(table)
    with pytest.raises(EngineError, match="无法生成"):
        render("hostile.xlsx", table.getvalue(), names())


def test_an_ordinary_template_still_says_what_it_should() -> None:
    language = environment(escaped=False)
    source = "{% for one in apply['items'] %}{{ loop.index }}{{ one }}{% endfor %}{{ today()[:4] }}"
    assert language.from_string(source).render({**names(), **FUNCTIONS}) == "1pension2027"
    assert language.compile_expression("rounds + 1")(rounds=2) == 3
    assert language.from_string("{{ '%.2f'|format(rounds / 100) }}").render(rounds=250) == "2.50"


#: Loops and joins over data: what grows with them is counted while it is rendered.
GROWING = {
    "rounds": ("{% for a in some %}{% for b in some %}{% endfor %}{% endfor %}", "次"),
    "rounds of a join": ("{% for a in some %}{{ some|join }}{% endfor %}", "次"),
    "text between": ("{% for a in some %}" + "x" * 100_000 + "{% endfor %}", "过长"),
    "text of data": ("{% for a in some %}{{ long }}{% endfor %}", "过长"),
    "joined": ("{{ texts|join('、') }}", "过长"),
    "joined again": ("{{ long|join('、' )|join('、')|join('、')|join('、') }}", "次"),
}


@pytest.mark.parametrize("source, said", GROWING.values(), ids=GROWING)
@pytest.mark.parametrize("language", [environment(escaped=True), TemplateLanguage(escaped=False)])
def test_what_grows_with_data_is_stopped_in_time(
    source: str, said: str, language: TemplateLanguage
) -> None:
    long = "长" * 90_000
    given = {"some": list(range(400)), "long": long, "texts": [long] * 400}
    template = language.from_string(source)
    with pytest.raises(SecurityError, match=said):
        template.render(given)
    assert template.render({"some": [1, 2], "long": "长", "texts": ["长", "短"]}) is not None


def test_loops_over_data_know_where_they_are() -> None:
    source = (
        "{% for a in some %}{{ loop.index }}/{{ loop.length }}{{ '。' if loop.last else '，' }}"
        "{% else %}无{% endfor %}"
        "{% for key, value in pairs.items() if value %}{{ key }}{% endfor %}"
        "{{ some|join('、') }}{{ [some[0], '<']|join(' ') if some }}"
    )
    given = {"some": ["x", "y"], "pairs": {"a": 1, "b": 0}}
    plain = environment(escaped=False).from_string(source)
    assert plain.render(given) == "1/2，2/2。ax、yx <"
    assert environment(escaped=True).from_string(source).render(given) == "1/2，2/2。ax、yx &lt;"
    assert plain.render(some=(), pairs={}) == "无"
    escaped = environment(escaped=True).from_string("{{ ['<'|e, '<']|join('、') }}")
    assert escaped.render() == "&lt;、&lt;"  # once
    for _ in range(3):  # every rendering counts for itself
        assert plain.render({**given, "some": list(range(40_000))})
