"""All rules at once over what a form knows."""

from dataclasses import replace
from datetime import date

import pytest

from engine.rules.advice import Advice, Facts, advise
from engine.rules.special_work import Work

TODAY = date(2026, 11, 20)
#: a man of 1966-11-20: original 2026-11-20, statutory 2027-05-20, latest 2030-05-20
MAN = Facts(applied=TODAY, sex="male", birth=date(1966, 11, 20))


def results(advice: Advice) -> dict[str, str]:
    return {verdict.subject: verdict.result for verdict in advice.verdicts}


def test_the_dates_are_told_as_soon_as_class_and_birth_are_known() -> None:
    assert [(one.title, str(one.day)) for one in advise(MAN).days] == [
        ("达到原法定退休年龄", "2026-11-20"),
        ("法定退休时间", "2027-05-20"),
        ("弹性提前最早", "2026-11-20"),
        ("弹性延迟最晚", "2030-05-20"),
    ]
    assert advise(MAN).verdicts == ()


def test_a_womans_class_is_never_guessed() -> None:
    woman = replace(MAN, sex="female")
    assert advise(woman).days == ()
    assert results(advise(woman)) == {"age_class": "person"}
    assert results(advise(replace(woman, age_class="60"))) == {"age_class": "refused"}
    assert advise(replace(woman, age_class="50")).days


@pytest.mark.parametrize(
    ("type_", "chosen", "result"),
    [
        ("normal", "2027-05-20", "fine"),
        ("normal", "2027-05-31", "fine"),  # the same month
        ("normal", "2027-04-30", "refused"),
        ("normal", "2027-06-01", "person"),
        ("early", "2026-11-20", "fine"),
        ("early", "2026-11-19", "refused"),
        ("early", "2027-05-20", "refused"),
        ("late", "2030-05-20", "fine"),
        ("late", "2030-06-20", "refused"),
        ("late", "2027-05-20", "refused"),
        (None, "2026-10-01", "refused"),
    ],
)
def test_type_and_date_must_belong_together(type_: str | None, chosen: str, result: str) -> None:
    facts = replace(MAN, type=type_, chosen=date.fromisoformat(chosen))  # type: ignore[arg-type]
    assert results(advise(facts)) == {"chosen": result}


@pytest.mark.parametrize("type_", ["illness", "resignation"])
def test_what_ended_with_2024_points_to_the_allowance(type_: str) -> None:
    facts = replace(MAN, type=type_, chosen=date(2025, 1, 1), contributed=100)  # type: ignore[arg-type]
    (refusal,) = advise(facts).refusals
    assert "病残津贴" in refusal.message
    told = " ".join(verdict.message for verdict in advise(facts).verdicts)
    assert "最长 24 个月" in told
    before = replace(facts, chosen=date(2024, 12, 31), applied=date(2024, 12, 1))
    assert advise(before).refusals == ()


@pytest.mark.parametrize(
    ("contributed", "told"),
    [(180, "基本养老金标准"), (179, "最长 42 个月")],
)
def test_the_allowance_in_its_place_is_told(contributed: int, told: str) -> None:
    facts = replace(MAN, type="illness", chosen=TODAY, contributed=contributed)
    assert told in advise(facts).verdicts[-1].message


def test_early_without_the_months_is_refused_and_statutory_is_not() -> None:
    early = replace(MAN, type="early", chosen=date(2026, 12, 1), contributed=100, deemed=79)
    assert results(advise(early))["months"] == "refused"
    assert results(advise(replace(early, deemed=80)))["months"] == "fine"
    normal = replace(early, type="normal", chosen=date(2027, 5, 20))
    assert results(advise(normal))["months"] == "person"


def test_a_notice_is_looked_at_if_the_form_asks_for_it() -> None:
    early = replace(MAN, type="early", chosen=date(2026, 11, 30), asks_notice=True)
    assert results(advise(early))["notice"] == "person"
    assert results(advise(replace(early, notice=date(2026, 8, 30))))["notice"] == "fine"


def test_special_work_has_an_age_years_and_contributions_of_its_own() -> None:
    facts = replace(
        MAN,
        birth=date(1972, 3, 1),
        type="special",
        chosen=date(2027, 3, 1),
        special=[Work("underground", 108)],
        contributed=180,
    )
    assert results(advise(facts)) == {"chosen": "fine", "special": "fine", "months": "fine"}
    young = replace(facts, chosen=date(2027, 2, 1), special=[], contributed=179)
    assert results(advise(young)) == dict.fromkeys(("chosen", "special", "months"), "refused")
    assert ("特殊工种最早", date(2027, 3, 1)) in advise(facts).days


def test_the_birth_that_is_used_must_follow_from_the_records() -> None:
    facts = replace(MAN, asks_birth=True, birth_card="1965-03-10", birth_file="1964-11", birth=None)
    assert results(advise(facts)) == {"birth": "person"}
    assert results(advise(replace(facts, birth=date(1965, 3, 10)))) == {"birth": "refused"}
    assert results(advise(replace(facts, birth=date(1964, 11, 8)))) == {"birth": "fine"}
    unread = replace(facts, birth_file=None)
    assert advise(unread).verdicts == ()
