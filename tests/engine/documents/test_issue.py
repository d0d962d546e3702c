"""Official documents: issued with the decision, numbered without gaps, kept as they were."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from docx import Document as Word
from sqlalchemy import select

from engine.clock import at
from engine.commands.finish_service_call import CallResult
from engine.commands.open_document import open_document
from engine.commands.retry_incident import retry_incident
from engine.errors import NotFound
from engine.models import Document, Incident
from engine.queries.audit import audit
from engine.queries.case_page import case_page
from engine.queries.documents import region_paper
from tests.conftest import Database
from tests.engine.test_way_of_a_case import (
    HOUSEHOLD,
    answer,
    apply_for_everything,
    approved,
    rows,
)
from tests.packs import with_file
from tests.stage import JILIN, RETIREE, Stage


def text_of(content: bytes) -> str:
    """Everything a Word file says: paragraphs, tables, footers."""
    paper = Word(io.BytesIO(content))
    cells = [c.text for t in paper.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in paper.paragraphs), *cells])


def read(stage: Stage, key: str) -> str:
    found = next(row for row in rows(stage, Document) if row.key == key)
    _, content = open_document(stage.runtime, found.id, stage.li, "read")
    if folder := os.environ.get("DOCUMENTS_TO"):
        (Path(folder) / f"{key}.docx").write_bytes(content)
    return text_of(content)


def test_a_receipt_names_what_was_applied_for_and_who_answers(stage: Stage) -> None:
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    said = read(stage, "acceptance")
    assert "吉退受字〔2027〕00001号" in said and "2027年4月20日" in said
    assert "220199196611200016" in said and "养老保险待遇申领" in said
    assert "示范市住房公积金管理中心0430-5551203" in said


def test_an_approval_issues_its_form_and_the_notice_of_rights(stage: Stage) -> None:
    no = approved(stage)
    form, rights = read(stage, "approval_form"), read(stage, "rights")
    assert "同意自2027年5月20日起退休，视同缴费年限认定为5年" in form
    assert "31年8个月" in form and "正常退休" in form
    assert "六十日内依法申请行政复议" in rights and "提取账户须为退休人员本人银行卡" in rights
    assert "未申请提取" not in rights and "{%" not in rights + form and "{{" not in rights + form
    assert audit(stage.runtime) == []
    page = case_page(stage.runtime, no, stage.li)
    assert [(d.key, d.number) for d in page.documents] == [
        ("acceptance", "吉退受字〔2027〕00001号"),
        ("approval_form", "吉退审字〔2027〕00001号"),
        ("rights", "吉退告字〔2027〕00001号"),
    ]
    assert "已出具《企业职工退休审批表》（吉退审字〔2027〕00001号）" in [
        e.title for e in page.events
    ]


def test_a_refusal_gives_its_reasons_and_remedies(stage: Stage) -> None:
    apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    reason = "出生日期与档案最先记载不一致。\n缴费年限未达到规定。"
    stage.submit("approve", stage.li, {"outcome": "refuse", "reason": reason})
    said = read(stage, "refusal")
    assert "出生日期与档案最先记载不一致。\n缴费年限未达到规定。" in said
    assert "示范市人民政府申请行政复议" in said


def test_sending_back_issues_one_notice_of_everything_missing_each_time(stage: Stage) -> None:
    no = apply_for_everything(stage)
    answer(stage, "police/household_check", CallResult("SUCCESS", HOUSEHOLD))
    back = {"outcome": "send_back", "reason": "一、补充劳动合同\n二、核对 <银行> & 账号"}
    stage.submit("approve", stage.li, back)
    assert "核对 <银行> & 账号" in read(stage, "rectify")
    lines = case_page(stage.runtime, no, stage.ming).documents
    assert [(d.key, d.version) for d in lines] == [("acceptance", 1), ("rectify", 1)]


def test_a_document_is_kept_sealed_and_read_only_by_those_it_is_for(stage: Stage) -> None:
    no = approved(stage)
    form = next(row for row in rows(stage, Document) if row.key == "approval_form")
    with stage.runtime.reading() as session:
        sealed = session.scalar(select(Document.content_sealed).where(Document.id == form.id))
        assert not zipfile.is_zipfile(io.BytesIO(bytes(sealed or b"")))
    for stranger in (stage.rival, stage.wang):
        with pytest.raises(NotFound):
            open_document(stage.runtime, form.id, stranger, "save")
    first = open_document(stage.runtime, form.id, stage.ming, "save")[1]
    stage.clock.set(at(stage.clock.now().date().replace(year=2028), 9))
    assert open_document(stage.runtime, form.id, stage.ming, "print")[1] == first
    titles = [event.title for event in case_page(stage.runtime, no, stage.li).events]
    assert "下载《企业职工退休审批表》（吉退审字〔2027〕00001号）" in titles
    assert "打印《企业职工退休审批表》（吉退审字〔2027〕00001号）" in titles


def test_a_unit_does_not_see_what_is_not_for_it(database: Database) -> None:
    settings = JILIN.files["processes/jilin/region.toml"].decode()
    only = settings.replace('for = ["person", "unit", "office"]', 'for = ["office"]')
    stage = Stage(database.engine, with_file(JILIN, "processes/jilin/region.toml", only.encode()))
    no = approved(stage)
    form = next(row for row in rows(stage, Document) if row.key == "approval_form")
    assert "approval_form" not in [
        d.key for d in case_page(stage.runtime, no, stage.ming).documents
    ]
    with pytest.raises(NotFound):
        open_document(stage.runtime, form.id, stage.ming, "read")


def test_what_cannot_be_rendered_is_an_incident_uses_no_number_and_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "processes/jilin/documents/note.txt"
    settings = JILIN.files["processes/jilin/region.toml"].decode()
    settings = settings.replace('template = "approval_form.docx"', 'template = "note.txt"')
    pack = with_file(JILIN, "processes/jilin/region.toml", settings.encode())
    broken = with_file(pack, path, b"{{ approval.deemed_months + person.name }}")
    stage = Stage(database.engine, broken)
    no = approved(stage)
    [incident] = rows(stage, Incident)
    assert (incident.kind, incident.title) == ("document", "文书未能生成：企业职工退休审批表")
    assert case_page(stage.runtime, no, stage.li).case.status == "running"
    monkeypatch.setattr(type(broken), "document", lambda pack, name: b"{{ document.number }}")
    retry_incident(stage.runtime, incident.id, "模板已更正", stage.li)
    [form] = [row for row in rows(stage, Document) if row.key == "approval_form"]
    assert form.number == "吉退审字〔2027〕00001号"
    assert open_document(stage.runtime, form.id, stage.li, "read")[1].decode() == form.number


def test_the_guide_is_made_from_the_regions_settings(stage: Stage) -> None:
    media_type, name, content = region_paper(stage.runtime, "jilin", "guide")
    if folder := os.environ.get("DOCUMENTS_TO"):
        (Path(folder) / "guide.docx").write_bytes(content)
    said = text_of(content)
    assert name == "吉林退休“一件事”经办指南.docx"
    assert "吉人社联〔2024〕56号" in said and "0430-5551201" in said and "5 个工作日" in said
    assert media_type.endswith("wordprocessingml.document")
    with pytest.raises(NotFound):
        region_paper(stage.runtime, "jilin", "approval_form")


def test_nothing_of_the_persons_stays_readable_outside(stage: Stage) -> None:
    approved(stage)
    for row in rows(stage, Document):
        assert RETIREE["id_no"] not in f"{row.name}{row.title}{row.number}"
