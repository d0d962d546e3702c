"""The demonstrations that regions bring along."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.accounts import sign_in
from engine.errors import Invalid
from engine.models import Account, Base, Case
from engine.packs.pack import read_pack
from engine.packs.release import seed_offices
from engine.queries.audit import audit
from tests.conftest import Database
from tests.stage import ROOT, Stage
from webapp.demo import PASSWORD
from webapp.demo_regions import _Maker, read_demos

TOLD = read_demos(ROOT)


def rows(stage: Stage) -> dict[str, int]:
    with stage.runtime.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("region", TOLD)
def test_a_region_shows_people_and_cases_and_making_it_again_changes_nothing(
    database: Database, region: str
) -> None:
    pack = read_pack(ROOT, region)
    stage = Stage(database.engine, pack)
    with stage.runtime.transaction() as session:
        seed_offices(session, pack.config)
    _Maker(stage.runtime, region, TOLD[region]).make()

    with stage.runtime.reading() as session:
        for account in TOLD[region].accounts:
            assert sign_in(session, account.login, PASSWORD), account.login
        assert session.scalar(select(func.count(Case.id)))
        assert session.scalar(select(func.count(Account.id)))
    assert audit(stage.runtime) == []

    before = rows(stage)
    _Maker(stage.runtime, region, TOLD[region]).make()
    assert rows(stage) == before


def test_an_unknown_word_is_pointed_out(tmp_path: Path) -> None:
    folder = tmp_path / "processes" / "county" / "demo"
    folder.mkdir(parents=True)
    (folder / "demo.yaml").write_text("title: 县\ncolour: red\n")
    with pytest.raises(Invalid, match=r"county/demo/demo\.yaml"):
        read_demos(tmp_path)
