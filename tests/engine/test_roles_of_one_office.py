"""A role held for one office: what it counts for, and what takes the whole region."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.access import Actor, Grant
from engine.accounts import actor_of, add_account
from engine.administered import administered
from engine.commands.export_roster import export_roster
from engine.commands.import_people import import_people
from engine.commands.publish_calendar import publish_calendar
from engine.commands.register_unit import register_unit
from engine.commands.set_agency import AgencyFacts, set_agency
from engine.commands.set_liaison import LiaisonFacts, set_liaison
from engine.commands.take_out import ask_export, decide_export, take_out
from engine.commands.write_content import write_content
from engine.errors import EngineError, Forbidden, NotFound
from engine.exports import Wanted
from engine.ids import new_id
from engine.liaisons import Department
from engine.models import Account, PersonFile
from engine.packs.pack import Pack
from engine.packs.release import seed_offices
from engine.people import find_file
from engine.queries.administration import accounts, agencies, releases, service_calls
from engine.queries.calendars import administered_calendars
from engine.queries.contents import kept_contents
from engine.queries.exchanges import exchanges
from engine.queries.exports import count_exports, export_page
from engine.queries.incidents import incidents
from engine.queries.processing import registered_regions
from engine.queries.regions import startable
from tests.conftest import Database
from tests.engine.test_exports import RULE
from tests.engine.test_rosters import HEAD, MET, PACK, PATH, WHO, apply, book, page, register, take
from tests.stage import RETIREE, Stage

HERE, THERE = "city_si", "changbaishan_si"
ROLES = ("hrss_reviewer", "hrss_approver", "si_clerk", "health_editor", "liaison", "admin")
NEW = ["王德福", "220199196611200032", *MET]


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with its offices, approval of exports, and 张建国 insured at ``HERE``."""
    pack = Pack("jilin", {**PACK.files, PATH: PACK.files[PATH] + RULE.encode()})
    stage = Stage(database.engine, pack)
    register(stage)
    with stage.runtime.transaction() as session:
        seed_offices(session, pack.config)
        session.execute(update(PersonFile).values(office=HERE))
    return stage


def at(stage: Stage, *offices: str) -> Actor:
    """Somebody with every role, but for these offices only."""
    login = "-".join(offices)
    grants = [(role, "jilin", office) for role in ROLES for office in offices]
    with stage.runtime.transaction() as session:
        known = session.scalar(select(Account.id).where(Account.login == login))
        if known is None:
            known = add_account(session, login, login, "a password", "staff", grants=grants).id
        actor = actor_of(session, known)
    assert actor is not None
    return actor


def office_of(stage: Stage, id_no: str) -> str | None:
    with stage.runtime.reading() as session:
        found = find_file(stage.runtime, session, "jilin", id_no)
        assert found is not None
        return found[0].office


def notes(stage: Stage, actor: Actor, *table: list[Any], head: list[str] = HEAD) -> list[Any]:
    upload = take(stage, book(*table, head=head), "retirees", actor)
    return [dict(one.note) for one in page(stage, upload, actor).findings if one.note]


def test_a_roster_is_about_the_people_of_ones_office(stage: Stage) -> None:
    here, there = at(stage, HERE), at(stage, THERE)
    assert notes(stage, here, [*WHO, *MET]) == []
    assert notes(stage, there, [*WHO, *MET]) == [{"身份证号": "不是您所在机构的参保人员"}]
    two = at(stage, HERE, THERE)
    assert notes(stage, two, [*WHO, *MET]) == []
    assert "只能登记到" in str(notes(stage, two, NEW))  # nobody said to which of them
    assert notes(stage, stage.li, NEW) == []


def test_whoever_is_registered_belongs_to_the_office_that_did_it(stage: Stage) -> None:
    there = at(stage, THERE)
    assert apply(stage, take(stage, book(NEW), "retirees", there), there) == {"applied": 1}
    assert office_of(stage, NEW[1]) == THERE
    assert apply(stage, take(stage, book(NEW, [*WHO, *MET]), "retirees")) == {
        "applied": 1,
        "duplicate": 1,
    }
    assert (office_of(stage, NEW[1]), office_of(stage, RETIREE["id_no"])) == (THERE, HERE)


def test_of_a_full_table_only_ones_own_people_are_missing(stage: Stage) -> None:
    here, there = at(stage, HERE), at(stage, THERE)
    apply(stage, take(stage, book([*WHO, *MET]), "retirees"))
    for actor, missing in ((here, 1), (there, 0), (stage.li, 1)):
        upload = take(stage, book(NEW), "retirees", actor, full=True)
        assert page(stage, upload, actor).counts.get("missing", 0) == missing


def wanted(*offices: str) -> Wanted:
    return Wanted("jilin", "figures", str(new_id()), "名单", offices)


def test_an_office_lets_out_lists_of_its_own_people(stage: Stage) -> None:
    runtime, here, both = stage.runtime, at(stage, HERE), at(stage, HERE, THERE)
    for lists, deciders in (
        (wanted(HERE), {"here", "both"}),
        (wanted(THERE), {"both"}),
        (wanted(HERE, THERE), {"both"}),
        (wanted(), set()),
    ):
        for name, actor in {"here": here, "both": both}.items():
            asked = ask_export(runtime, lists, "送省局汇总", stage.li)
            waiting = [one.id for one in export_page(runtime, actor).waiting]
            assert (asked in waiting) == (name in deciders)
            assert count_exports(runtime, actor) == len(waiting)
            if name in deciders:
                decide_export(runtime, asked, False, "不必", actor)
                assert export_page(runtime, actor).log[0].what == "refused"
            else:
                with pytest.raises(NotFound):
                    decide_export(runtime, asked, True, "", actor)
                decide_export(runtime, asked, False, "不必", stage.mate)
    assert all(one.offices == [HERE] for one in export_page(runtime, here).log)


def test_an_approval_counts_for_the_offices_it_was_given_for(stage: Stage) -> None:
    one = wanted(HERE)
    decide_export(
        stage.runtime, ask_export(stage.runtime, one, "送省局汇总", stage.li), True, "", stage.mate
    )
    assert not take_out(stage.runtime, replace(one, offices=(HERE, THERE)), stage.li)
    assert not take_out(stage.runtime, replace(one, offices=()), stage.li)
    assert take_out(stage.runtime, one, stage.li)


FACTS = AgencyFacts("示范", "manual")
COMMANDS: dict[str, Callable[[Stage, Actor], object]] = {
    "content": lambda stage, actor: write_content(
        stage.runtime, "jilin", "only_child", {}, "2027-05-01", actor
    ),
    "agency": lambda stage, actor: set_agency(stage.runtime, "jilin", "medical", FACTS, actor),
    "liaison": lambda stage, actor: set_liaison(
        stage.runtime, "jilin", Department("office", HERE), LiaisonFacts("王二"), actor
    ),
    "list": lambda stage, actor: export_roster(stage.runtime, "jilin", "medical", actor),
    "people": lambda stage, actor: import_people(stage.runtime, "jilin", [], actor),
    "unit": lambda stage, actor: register_unit(stage.runtime, "某厂", "91220199MA0X000020", actor),
    "calendar": lambda stage, actor: publish_calendar(
        stage.runtime, "cn", stage.runtime.calendars["cn"].notices[2026], actor
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_region_has_once_takes_the_whole_region(stage: Stage, command: str) -> None:
    with pytest.raises((NotFound, Forbidden)):
        COMMANDS[command](stage, at(stage, HERE, THERE))
    try:
        COMMANDS[command](
            stage, replace(stage.li, grants=frozenset(Grant(r, "jilin") for r in ROLES))
        )
    except EngineError as error:  # it may find fault with what is said, not with who says it
        assert not isinstance(error, NotFound | Forbidden)


def test_an_office_administers_nothing_and_keeps_nothing(stage: Stage) -> None:
    runtime, actor = stage.runtime, at(stage, HERE, THERE)
    assert not actor.is_admin and administered(actor) == []
    for listed in (
        agencies,
        releases,
        accounts,
        incidents,
        registered_regions,
        administered_calendars,
    ):
        assert not listed(runtime, actor)
        assert listed(runtime, stage.li) or listed is incidents
    assert not service_calls(runtime, actor).rows
    assert not exchanges(runtime, actor)
    assert not kept_contents(runtime, actor)
    assert "record_prereview" in [process for _, process, _ in startable(runtime, actor)]
