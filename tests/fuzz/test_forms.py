"""Whatever is answered to any form we ship: stored clean, or refused in Chinese by field."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from engine.errors import Invalid
from engine.forms import Form, clean, declared, effective, layout, parse, prefill, walk
from engine.packs.pack import read_pack
from tests.fuzz.budget import examples
from tests.fuzz.values import anything, texts
from tests.stage import ROOT

REGIONS = sorted(path.parent.name for path in (ROOT / "processes").glob("*/region.toml"))
TODAY = date(2027, 5, 20)


def _forms() -> dict[str, Form]:
    found = {}
    for region in REGIONS:
        pack = read_pack(ROOT, region)
        for path in pack.files:
            if path.startswith("forms/") and path.endswith(".schema.json"):
                key = Path(path).name.removesuffix(".schema.json")
                found[f"{region}/{key}"] = pack.form(key)
    return found


FORMS = _forms()


def _field(schema: Any) -> st.SearchStrategy[Any]:
    """Values near what a field asks for, and any other."""
    if not isinstance(schema, dict):
        return anything
    near = [st.just(one) for one in (schema.get("const"), *schema.get("enum", ())) if one]
    near += [st.just(one["const"]) for one in schema.get("oneOf", ()) if "const" in one]
    match schema.get("type"):
        case "array":
            near.append(st.lists(_field(schema.get("items")), max_size=4))
        case "object":
            near.append(_answers(schema.get("properties", {})))
        case "integer":
            near.append(st.integers(-10, 1000))
        case "boolean":
            near.append(st.booleans())
        case "string":
            near.append(texts)
    return st.one_of(*near, anything) if near else anything


def _answers(properties: Any) -> st.SearchStrategy[dict[str, Any]]:
    known = st.fixed_dictionaries({}, optional={k: _field(s) for k, s in properties.items()})
    return st.tuples(known, st.dictionaries(texts, anything, max_size=1)).map(
        lambda both: {**both[1], **both[0]}
    )


@st.composite
def _given(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    key = draw(st.sampled_from(sorted(FORMS)))
    return key, draw(_answers(declared(FORMS[key].inlined)))


DATA = st.dictionaries(
    st.sampled_from(["person", "applicant", "prereview", "apply", "case"]),
    st.dictionaries(st.sampled_from(["name", "id_no", "retire_date", "birth_date"]), anything),
)


@examples(250)
@given(_given(), DATA)
def test_answers_are_stored_clean_or_refused_by_field(
    given: tuple[str, dict[str, Any]], data: dict[str, Any]
) -> None:
    key, answers = given
    before = repr(answers)
    try:
        cleaned = clean(FORMS[key], answers, data, TODAY)
    except Invalid as error:
        assert re.search(r"[\u4e00-\u9fff]", error.message)
        for field, message in error.errors.items():
            assert isinstance(field, str)
            assert re.search(r"[\u4e00-\u9fff]", message), (field, message)
    else:
        assert cleaned == clean(FORMS[key], cleaned, data, TODAY), "cleaning twice changes nothing"
    assert repr(answers) == before


@examples(120)
@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.tuples(st.integers(0, 60), texts, texts), max_size=8),
    DATA,
)
def test_what_a_browser_posts_can_always_be_shown_again(
    key: str, posted: list[tuple[int, str, str]], data: dict[str, Any]
) -> None:
    form = FORMS[key]
    names = [*declared(form.inlined), "_action"]
    pairs = [(names[n % len(names)] + suffix[:12], value) for n, suffix, value in posted]
    pairs += [(names[n % len(names)], value) for n, _, value in posted]
    answers = parse(form, MultiDict(pairs), data)
    assert list(walk(layout(form, answers))) is not None
    assert effective(form.inlined, answers) is not None


@examples(60)
@given(_given(), DATA)
def test_a_draft_of_any_kind_can_be_taken_up_again(
    given: tuple[str, dict[str, Any]], data: dict[str, Any]
) -> None:
    key, answers = given
    form = FORMS[key]
    assert isinstance(prefill(form, data, answers), dict)
