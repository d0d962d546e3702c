"""Pages for liaisons, exports, contents and the public guide: usable by everybody, at any width."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page

from engine.clock import at
from engine.commands.set_liaison import LiaisonFacts, set_liaison
from engine.liaisons import Department
from engine.models import Case, Letter
from engine.settings import Settings
from tests.conftest import Database
from tests.engine.test_way_of_a_case import approved
from tests.stage import Stage
from webapp import create_app

PASSWORD = "long enough a password"
MEDICAL = Department("agency", "medical")
WIDTHS = [1440, 390]


@pytest.mark.parametrize("width", WIDTHS)
def test_new_pages_are_accessible_and_fit_the_screen(
    page: Page,
    database: Database,
    settings: Settings,
    serve: Callable[[Flask], str],
    accessible: Callable[[Page], None],
    width: int,
) -> None:
    stage = Stage(database.engine)
    no = approved(stage)
    editor = stage.account("xiaobai", "小白", "staff", roles=("health_editor", "admin"))
    facts = LiaisonFacts("方示范", "0430-5550322", "13900000031", "2027-04-20")
    assert set_liaison(stage.runtime, "jilin", MEDICAL, facts, editor) == 0
    _letter(stage, no)
    page.set_viewport_size({"width": width, "height": 900})
    base = serve(create_app(settings, stage.runtime))
    for path in ("/guide/", "/guide/jilin"):
        page.goto(base + path)
        accessible(page)
        _fits(page)
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill("xiaobai")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    for path in (
        "/admin/liaisons",
        "/admin/liaisons/jilin/agency/medical",
        "/letters",
        "/letters?closed=1",
        "/exports/",
        "/contents/",
        "/contents/jilin/only_child",
        f"/cases/{no}",
    ):
        page.goto(base + path)
        accessible(page)
        _fits(page)


def _letter(stage: Stage, no: str) -> None:
    with stage.runtime.transaction() as session:
        case = session.query(Case).filter_by(no=no).one()
        session.add(
            Letter(
                region="jilin",
                scope=MEDICAL.scope,
                department=MEDICAL.code,
                kind="overdue",
                title="医保在职转退休",
                case_id=case.id,
                case_no=no,
                subject=case.subject,
                sent_at=at(date(2027, 4, 20), 9),
            )
        )


def _fits(page: Page) -> None:
    """Nothing sticks out to the right: wide tables and pictures are pushed inside their frames."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= seen, page.url
