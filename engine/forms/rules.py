"""Forms and the national rules: which fields a rule looks at, and what it says about the answers.

``x-rule`` in a schema refuses what the law refuses outright; ``ui:advice`` in a ui schema shows
the advice beside the form. Both are the same mapping: what a rule wants to know → where it is
answered, a field of the form or ``section.field`` of the case.

    {"rule": "retirement", "age_class": "age_class", "birth": "birth_used", "chosen": "retire_date",
     "type": "retire_type", "id_no": "person.id_no", "contributed": "check.actual_months"}
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

from engine.errors import Invalid
from engine.forms.schema import Data, Form, Schema, declared, fact
from engine.identity import birth_date, check_id_no, sex
from engine.rules.advice import RETIRE_TYPES, Advice, Facts, RetireType, advise
from engine.rules.birth import first_day
from engine.rules.retirement_age import AgeClass, age_class
from engine.rules.special_work import KINDS, Work

#: What a rule may be told, and what must be told to it.
KEYS = {
    "retirement": frozenset(
        {
            *("rule", "id_no", "sex", "age_class", "birth", "birth_card", "birth_file"),
            *("birth_reason", "chosen", "type", "contributed", "deemed", "special", "notice"),
            "applied",
        }
    )
}
NEEDED = {"retirement": frozenset({"age_class", "birth"})}
#: What a field with options may answer.
ANSWERS = {"sex": {"male", "female"}, "age_class": {"60", "55", "50"}, "type": {*RETIRE_TYPES}}
#: Where a refusal is said when its own field is not on the form.
_INSTEAD = ("chosen", "type", "birth", "age_class")

Rule = Mapping[str, str]


def advice(form: Form, answers: Mapping[str, Any], data: Data, today: date) -> Advice | None:
    """What the rules say beside a form; None if it shows none, or nothing is known yet.

    Args:
        answers: as far as they are given, right or wrong.
        data: sections of the case.
        today: office date, the day of an application that does not name its own.
    """
    rule = form.ui.get("ui:advice")
    if not isinstance(rule, Mapping):
        return None
    facts = _facts(rule, form, answers, data, today)
    found = advise(facts) if facts.sex or facts.age_class or facts.birth else None
    return found if found and (found.days or found.verdicts) else None


def refusals(form: Form, answers: Mapping[str, Any], data: Data, today: date) -> dict[str, str]:
    """What the law refuses outright, by the field it is about; see ``x-rule``."""
    rule = form.schema.get("x-rule")
    if not isinstance(rule, Mapping):
        return {}
    found: dict[str, str] = {}
    for verdict in advise(_facts(rule, form, answers, data, today)).refusals:
        field = _field_of(rule, verdict.subject, answers)
        found.setdefault(field, f"{verdict.message}（{verdict.law}）")
    return found


def looked_at(ui: Schema) -> frozenset[str]:
    """The fields of a form whose answers change its advice."""
    rule = ui.get("ui:advice")
    places = rule.values() if isinstance(rule, Mapping) else ()
    return frozenset(place for place in places if isinstance(place, str) and "." not in place)


def rule_faults(rule: object, schema: Schema) -> Iterator[str]:
    """What is wrong with a mapping, in the words of a form's author."""
    if not isinstance(rule, Mapping) or rule.get("rule") not in KEYS:
        yield f'应写作 {{"rule": 规则, …}}，可用的规则：{"、".join(KEYS)}'
        return
    name, fields = str(rule["rule"]), declared(schema)
    for key in sorted(set(rule) - KEYS[name]):
        yield f"规则 {name} 不认识“{key}”，可用：{'、'.join(sorted(KEYS[name] - {'rule'}))}"
    for key in sorted(NEEDED[name] - set(rule)):
        yield f"规则 {name} 须写明“{key}”取自哪个字段"
    for key in sorted(set(rule) & KEYS[name] - {"rule"}):
        place = rule[key]
        if not isinstance(place, str) or not place:
            yield f"“{key}”应为字段名或“数据段.字段”"
        elif "." not in place:
            if place not in fields:
                yield f"“{key}”所指的字段“{place}”没有声明"
            elif unknown := _options(fields[place]) - ANSWERS.get(key, _options(fields[place])):
                told = "、".join(sorted(map(str, unknown)))
                yield f"字段“{place}”的选项 {told} 不是“{key}”可用的值"


def references(schema: Schema, ui: Schema) -> Iterator[tuple[str, str]]:
    """The ``section.field`` references of a form's rules, each with its place in the form."""
    for place, rule in (("/x-rule", schema.get("x-rule")), ("ui:/ui:advice", ui.get("ui:advice"))):
        if isinstance(rule, Mapping):
            told = (where for key, where in rule.items() if key != "rule")
            yield from ((place, one) for one in told if isinstance(one, str) and "." in one)


# ---------------------------------------------------------------- from answers to facts


def _facts(rule: Rule, form: Form, answers: Mapping[str, Any], data: Data, today: date) -> Facts:
    """What can be read of the answers; what cannot is not known yet, for the fields say so."""

    def told(key: str) -> Any:
        place = rule.get(key)
        if not isinstance(place, str):
            return None
        return fact(data, place) if "." in place else answers.get(place)

    number = _id_no(told("id_no"))
    known = Facts(
        applied=_day(told("applied")) or today,
        sex=_word(told("sex"), ANSWERS["sex"]),
        age_class=_class(told("age_class")),
        birth=_day(told("birth")),
        birth_card=_record(told("birth_card")),
        birth_file=_record(told("birth_file")),
        birth_reason=_text(told("birth_reason")),
        asks_birth="birth_file" in rule,
        chosen=_day(told("chosen")),
        type=cast(RetireType | None, _word(told("type"), ANSWERS["type"])),
        contributed=_count(told("contributed")),
        deemed=_count(told("deemed")) or 0,
        special=_work(told("special")) if "special" in rule else None,
        notice=_day(told("notice")),
        asks_notice="notice" in rule,
    )
    if number is None:
        return known
    card = known.birth_card or birth_date(number).isoformat()
    return replace(known, sex=known.sex or sex(number), birth_card=card)


def _field_of(rule: Rule, subject: str, answers: Mapping[str, Any]) -> str:
    key = "contributed" if subject == "months" else subject
    for name in (key, *_INSTEAD):
        place = rule.get(name, "")
        if place in answers:
            return place
    return ""


def _day(value: Any) -> date | None:
    try:
        return first_day(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _id_no(value: Any) -> str | None:
    try:
        return check_id_no(value) if isinstance(value, str) else None
    except Invalid:
        return None


def _class(value: Any) -> AgeClass | None:
    word = _word(value, ANSWERS["age_class"])
    return age_class(word) if word else None


def _word(value: Any, known: set[str]) -> Any:
    return value if isinstance(value, str) and value in known else None


def _record(value: Any) -> str | None:
    """A date as exact as it was recorded."""
    return value if _day(value) is not None else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _work(rows: Any) -> list[Work]:
    """Rows of ``kind``, ``months`` and, if the form asks, ``listed``."""
    return [
        Work(row["kind"], months, row.get("listed") is not False)
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping)
        and _word(row.get("kind"), {*KINDS})
        and (months := _count(row.get("months"))) is not None
    ]


def _options(field: Schema) -> set[Any]:
    given = [one.get("const") for one in field.get("oneOf", ()) if isinstance(one, Mapping)]
    return {*given, *field.get("enum", ())}
