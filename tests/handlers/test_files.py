"""Files that go with a request: named by its task, linked for an hour, fetched by the agency."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from engine.errors import Forbidden
from engine.models import AgencySetting, CaseEvent, Document, ServiceCall
from engine.settings import Settings
from handlers.jobs import Exchange, Jobs
from handlers.signature import LINK_SECONDS, sign_link, verify_link
from tests.conftest import Database
from tests.engine.test_way_of_a_case import approved, rows
from tests.handlers.conftest import SECRET, Sandbox, serving
from tests.stage import Stage
from webapp import create_app


@pytest.fixture
def stage(database: Database, sandbox: Sandbox) -> Stage:
    """An approved case whose medical insurance is about to be asked of the sandbox."""
    stage = Stage(database.engine)
    with stage.runtime.transaction() as session:
        session.execute(update(AgencySetting).values(endpoint=sandbox.address, mode="api"))
    approved(stage)
    return stage


@pytest.fixture
def web(stage: Stage, settings: Settings) -> Iterator[str]:
    """The web over a real socket: agencies fetch files there."""
    with serving(create_app(settings, stage.runtime)) as address:
        yield address


def test_an_agency_fetches_the_documents_that_go_with_a_request(
    stage: Stage, web: str, sandbox: Sandbox
) -> None:
    [call] = [c for c in rows(stage, ServiceCall) if c.operation == "medical/retire"]
    Jobs(stage.runtime, Exchange(SECRET, loopback=True), web).attempt_call(call.id)
    with sandbox.office.records.look() as db:
        said = [row["outcome"] for row in db.execute("select * from arrival where kind = 'file'")]
    assert len(said) == 1 and said[0].startswith("已取件：企业职工退休审批表")
    assert said[0].endswith("（校验一致）")
    with stage.runtime.reading() as session:
        titles = session.scalars(select(CaseEvent.title)).all()
    assert any(
        title.startswith("示范市医疗保险经办中心取走文件：企业职工退休审批表") for title in titles
    )


def test_a_link_leads_to_its_own_file_only_and_not_for_long(stage: Stage, web: str) -> None:
    [call] = [c for c in rows(stage, ServiceCall) if c.operation == "medical/retire"]
    [form] = [d for d in rows(stage, Document) if d.key == "approval_form"]
    [rights] = [d for d in rows(stage, Document) if d.key == "rights"]
    key = Exchange(SECRET, loopback=True).key("medical")

    def fetch(file_id: object, key: bytes = key) -> int:
        path = f"/api/v1/service-calls/{call.id}/files/{file_id}"
        return httpx.get(f"{web}{path}?{sign_link(key, path)}").status_code

    assert fetch(form.id) == 200
    assert fetch(rights.id) == 404  # signed, but it does not go with this request
    assert fetch(uuid4()) == 404
    assert fetch(form.id, Exchange(SECRET, loopback=True).key("police")) == 401
    assert httpx.get(f"{web}/api/v1/service-calls/{call.id}/files/{form.id}").status_code == 401


def test_a_link_grows_old() -> None:
    until, given = urlsplit(f"?{sign_link(b'k', '/f', now=1000)}").query.split("&")
    until, given = until.removeprefix("until="), given.removeprefix("signature=")
    verify_link(b"k", "/f", until, given, now=1000 + LINK_SECONDS)
    with pytest.raises(Forbidden, match="过期"):
        verify_link(b"k", "/f", until, given, now=1001 + LINK_SECONDS)
    with pytest.raises(Forbidden, match="无效"):
        verify_link(b"k", "/g", until, given, now=1000)
    with pytest.raises(Forbidden, match="无效"):
        verify_link(b"k", "/f", f"{until}0", given, now=1000)
