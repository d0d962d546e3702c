"""Zongyang and Ningxia on stages that are set up once; what a test changes vanishes with it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from engine.packs.pack import Pack, read_pack
from engine.packs.release import seed_offices
from tests.conftest import Database
from tests.stage import ROOT, Stage

Theatre = tuple[Connection, Stage]


@pytest.fixture(scope="module")
def zongyang(shared_database: Database) -> Iterator[Theatre]:
    yield from _set_up(shared_database, read_pack(ROOT, "zongyang"))


@pytest.fixture(scope="module")
def of_ningxia(shared_database: Database) -> Iterator[Theatre]:
    yield from _set_up(shared_database, read_pack(ROOT, "ningxia"))


@pytest.fixture
def stage(zongyang: Theatre) -> Iterator[Stage]:
    yield from _scene(*zongyang)


@pytest.fixture
def ningxia(of_ningxia: Theatre) -> Iterator[Stage]:
    yield from _scene(*of_ningxia)


def _set_up(database: Database, pack: Pack) -> Iterator[Theatre]:
    with database.engine.connect() as connection:
        transaction = connection.begin()
        stage = Stage(connection, pack)
        with stage.runtime.transaction() as session:
            seed_offices(session, pack.config)
        yield connection, stage
        transaction.rollback()


def _scene(connection: Connection, stage: Stage) -> Iterator[Stage]:
    scene = connection.begin_nested()
    yield stage
    scene.rollback()
