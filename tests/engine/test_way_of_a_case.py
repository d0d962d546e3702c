"""A case from start to approval through the engine's commands; agencies answer by hand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select

from engine.clock import at
from engine.commands.begin_attempt import begin_attempt
from engine.commands.deliver_message import deliver_waiting_message
from engine.commands.finish_service_call import CallResult, finish_service_call
from engine.commands.store_feedback import store_feedback
from engine.commands.submit_form import submit_form
from engine.errors import AgencyReplyUnreadable, Conflict, Invalid, NotFound, StaleRevision
from engine.history import verify
from engine.jobs import DELIVER_WAITING
from engine.models import (
    Case,
    CaseEvent,
    CaseSection,
    Deadline,
    Incident,
    Item,
    Notice,
    ServiceCall,
    Timer,
)
from engine.queries.audit import audit
from tests.stage import AGREE, ALL_ITEMS, APPLICATION, CARD, CHECK, PREREVIEW, RETIREE, Stage

HOUSEHOLD = {
    "match": True,
    "life_status": "alive",
    "household_region": "示范市",
    "checked_at": "2027-04-20T09:00:00+08:00",
}


def put_on_record(stage: Stage) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    for element, answers in (("prereview", PREREVIEW), ("contribution_check", CHECK)):
        task = next(t for t in stage.tasks().values() if t.form == element)
        submit_form(stage.runtime, task.id, task.revision, answers, stage.li)


def answer(stage: Stage, operation: str, result: CallResult | AgencyReplyUnreadable) -> str:
    call = call_of(stage, operation)
    if call.state == "queued":
        assert begin_attempt(stage.runtime, call.id) is not None
    raw = json.dumps({"any": str(uuid4())}).encode()
    feedback = store_feedback(stage.runtime, call.id, raw, "callback")
    return finish_service_call(stage.runtime, feedback, result)


def call_of(stage: Stage, operation: str) -> ServiceCall:
    with stage.runtime.reading() as session:
        calls = session.scalars(
            select(ServiceCall)
            .where(ServiceCall.operation == operation)
            .order_by(ServiceCall.id.desc())
        ).all()
    return calls[0]


def rows(stage: Stage, table: Any) -> list[Any]:
    with stage.runtime.reading() as session:
        return list(session.scalars(select(table)))


def items(stage: Stage) -> dict[str, str]:
    return {item.code: item.state for item in rows(stage, Item)}


def apply_for_everything(stage: Stage) -> str:
    put_on_record(stage)
    started = stage.start(
        "joint_case", stage.ming, {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}
    )
    stage.submit("choose_items", stage.ming, ALL_ITEMS)
    stage.submit("bank_account", stage.ming, CARD)
    stage.submit("submit_application", stage.ming, APPLICATION)
    return started.no


def approved(stage: Stage) -> str:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    stage.submit("approve", stage.li, AGREE)
    return no


@contextmanager
def counted_statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that goes over the wire, whoever sends it: ORM, raw SQL, the job queue."""
    sent: list[str] = []
    execute = psycopg.Cursor.execute
    executemany = psycopg.Cursor.executemany

    def watching(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(str(query))
        return execute(self, query, *args, **kwargs)

    def watching_many(self: Any, query: Any, params: Any, **kwargs: Any) -> Any:
        params = list(params)
        sent.extend([str(query)] * len(params))
        return executemany(self, query, params, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", watching)
    monkeypatch.setattr(psycopg.Cursor, "executemany", watching_many)
    yield sent
    monkeypatch.undo()


def test_an_approved_case_fans_out_to_its_items(stage: Stage) -> None:
    approved(stage)

    assert items(stage) == {
        "pension": "waiting_condition",
        "medical": "in_progress",
        "fund": "waiting_person",
    }
    assert [call.operation for call in rows(stage, ServiceCall) if call.finished_at is None] == [
        "medical/retire"
    ]
    assert set(stage.tasks()) == {"realname"}
    assert audit(stage.runtime) == []


def test_approval_is_due_the_same_day(stage: Stage) -> None:
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))

    assert stage.tasks()["approve"].due_at == at(date(2027, 4, 20), 17)


@pytest.mark.parametrize(
    ("element", "answers"),
    [("choose_items", ALL_ITEMS), ("submit_application", APPLICATION), ("approve", AGREE)],
)
def test_a_submit_costs_at_most_twelve_statements(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, element: str, answers: dict[str, Any]
) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    story = [
        ("choose_items", stage.ming, ALL_ITEMS),
        ("bank_account", stage.ming, CARD),
        ("submit_application", stage.ming, APPLICATION),
        ("approve", stage.li, AGREE),
    ]
    for step, actor, given in story:
        if step == "approve":
            answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
        if step == element:
            break
        stage.submit(step, actor, given)
    task = stage.tasks()[element]

    with counted_statements(monkeypatch) as sent:
        submit_form(stage.runtime, task.id, task.revision, answers, actor)

    assert 4 <= len(sent) <= 12, sent


def test_two_submits_of_one_task_count_once(stage: Stage) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    task = stage.tasks()["choose_items"]

    first = submit_form(stage.runtime, task.id, 0, ALL_ITEMS, stage.ming, submit_key="one")
    again = submit_form(stage.runtime, task.id, 0, ALL_ITEMS, stage.ming, submit_key="one")
    with pytest.raises(Conflict, match="已办理完成"):
        submit_form(stage.runtime, task.id, 0, ALL_ITEMS, stage.ming, submit_key="two")

    assert (first.repeated, again.repeated) == (False, True)
    assert len([s for s in rows(stage, CaseSection) if s.name == "items"]) == 1


def test_wrong_answers_leave_a_line_in_the_history_and_change_nothing_else(stage: Stage) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    before = [(case.revision, case.event_count) for case in rows(stage, Case)]
    sections = len(rows(stage, CaseSection))

    with pytest.raises(Invalid) as caught:
        stage.submit("choose_items", stage.ming, {"fund": "everything", "guide_read": True})

    assert set(caught.value.errors) == {"fund"}
    changed = [(case.revision, case.event_count) for case in rows(stage, Case)]
    assert changed == [before[0], (before[1][0], before[1][1] + 1)]
    assert len(rows(stage, CaseSection)) == sections
    assert rows(stage, CaseEvent)[-1].kind == "submit_refused"
    assert audit(stage.runtime) == []


def test_a_card_of_somebody_else_is_refused(stage: Stage) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    stage.submit("choose_items", stage.ming, ALL_ITEMS)

    with pytest.raises(Invalid) as caught:
        stage.submit("bank_account", stage.ming, {**CARD, "holder": "李四"})

    assert "退休人员姓名一致" in caught.value.errors["holder"]


def test_a_stale_page_is_told_so(stage: Stage) -> None:
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    task = stage.tasks()["approve"]

    with pytest.raises(StaleRevision):
        submit_form(stage.runtime, task.id, task.revision + 1, AGREE, stage.li)


def test_foreign_staff_and_units_do_not_even_learn_that_a_task_exists(stage: Stage) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    task = stage.tasks()["choose_items"]

    for stranger in (stage.rival, stage.wang, stage.li):
        with pytest.raises(NotFound):
            submit_form(stage.runtime, task.id, task.revision, ALL_ITEMS, stranger)


def test_another_unit_cannot_apply_for_the_person(stage: Stage) -> None:
    put_on_record(stage)

    with pytest.raises(Invalid) as caught:
        stage.start("joint_case", stage.rival, {k: RETIREE[k] for k in ("name", "id_no")})

    assert "吉林省示范机械有限公司" in caught.value.errors["id_no"]


def test_a_refusal_leads_to_a_choice_and_a_second_round(stage: Stage) -> None:
    approved(stage)

    answer(
        stage,
        "medical/retire",
        CallResult("FAILED", reason_code="CONDITION_NOT_MET", reason="医保缴费年限差 12 个月"),
    )
    assert items(stage)["medical"] == "failed"
    again = next(t for t in stage.tasks().values() if t.item == "medical")
    submit_form(stage.runtime, again.id, again.revision, {"action": "again"}, stage.ming)

    assert items(stage)["medical"] == "in_progress"
    medical = next(item for item in rows(stage, Item) if item.code == "medical")
    assert medical.round == 2
    assert audit(stage.runtime) == []


def test_a_duplicate_or_late_answer_changes_nothing(stage: Stage) -> None:
    approved(stage)
    success = CallResult("SUCCESS", {"deemed_months": 60, "total_months": 400, "converted": True})
    assert answer(stage, "medical/retire", success) == "applied"
    before = [(case.revision, items(stage)) for case in rows(stage, Case)]

    assert answer(stage, "medical/retire", success) == "duplicate"

    assert [items(stage) for _ in rows(stage, Case)] == [state for _, state in before]
    assert audit(stage.runtime) == []


def test_an_unreadable_answer_becomes_an_incident_and_the_case_lives_on(stage: Stage) -> None:
    approved(stage)

    assert answer(stage, "medical/retire", AgencyReplyUnreadable("乱码")) == "unreadable"

    assert [incident.message for incident in rows(stage, Incident)] == ["乱码"]
    assert items(stage)["medical"] == "stuck"
    assert [c.status for c in rows(stage, Case) if c.process == "joint_case"] == ["running"]
    assert audit(stage.runtime) == []


def test_a_supplement_stops_the_clock_and_going_on_moves_its_end(stage: Stage) -> None:
    approved(stage)
    clock = next(d for d in rows(stage, Deadline) if d.code == "medical")
    before: datetime = clock.due_at

    answer(stage, "medical/retire", CallResult("SUPPLEMENT", reason="缺签字的申请表"))
    assert items(stage)["medical"] == "supplement"
    stage.clock.set(at(date(2027, 6, 1), 10))
    answer(stage, "medical/retire", CallResult("ACCEPTED"))

    clock = next(d for d in rows(stage, Deadline) if d.code == "medical")
    assert clock.state == "running"
    assert clock.due_at > before
    assert [t for t in rows(stage, Timer) if t.kind == "rung" and t.ref == str(clock.token)]


def test_history_is_chained_and_tampering_is_found(stage: Stage, database: Any) -> None:
    approved(stage)
    case = next(c for c in rows(stage, Case) if c.process == "joint_case")
    with stage.runtime.reading() as session:
        assert verify(session, case.id) is None

    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as owner:
        owner.execute("alter table case_event disable trigger append_only")
        owner.execute(
            "update case_event set title = '同意' where case_id = %s and seq = 3", (case.id,)
        )

    with stage.runtime.reading() as session:
        broken = verify(session, case.id)
    assert broken is not None
    assert broken.seq == 3


def test_nothing_personal_is_readable_in_the_tables(stage: Stage, database: Any) -> None:
    approved(stage)
    secrets = (RETIREE["id_no"], RETIREE["mobile"], CARD["account_no"])

    with psycopg.connect(database.owner_url.replace("+psycopg", "")) as owner:
        tables = owner.execute(
            "select tablename from pg_tables where schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            content = str(owner.execute(f'select t::text from "{table}" t').fetchall())
            for secret in secrets:
                assert secret not in content, table
                assert secret.encode().hex() not in content, table


def test_notices_reach_unit_and_person(stage: Stage) -> None:
    approved(stage)

    assert {notice.template for notice in rows(stage, Notice)} >= {"acceptance", "rights"}
    assert all(isinstance(notice.case_id, UUID) for notice in rows(stage, Notice))


def test_a_recorded_check_wakes_the_case_that_waits_for_it(stage: Stage) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    stage.submit("enter_prereview", stage.li, PREREVIEW)
    stage.start("joint_case", stage.ming, {k: RETIREE[k] for k in ("name", "id_no")})
    stage.submit("choose_items", stage.ming, ALL_ITEMS)
    stage.submit("bank_account", stage.ming, CARD)
    stage.submit("submit_application", stage.ming, APPLICATION)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    assert "approve" not in stage.tasks()

    stage.submit("enter_check", stage.li, CHECK)
    for job, ident in stage.queue.jobs:
        if job == DELIVER_WAITING:
            deliver_waiting_message(stage.runtime, ident)

    assert stage.tasks()["approve"].due_at == at(date(2027, 4, 20), 17)
    assert audit(stage.runtime) == []
