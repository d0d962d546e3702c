"""Zongyang on a stage that is set up once; what a test changes vanishes with it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from engine.packs.pack import read_pack
from engine.packs.release import seed_offices
from tests.conftest import Database
from tests.stage import ROOT, Stage

Theatre = tuple[Connection, Stage]


@pytest.fixture(scope="module")
def zongyang(shared_database: Database) -> Iterator[Theatre]:
    pack = read_pack(ROOT, "zongyang")
    with shared_database.engine.connect() as connection:
        transaction = connection.begin()
        stage = Stage(connection, pack)
        with stage.runtime.transaction() as session:
            seed_offices(session, pack.config)
        yield connection, stage
        transaction.rollback()


@pytest.fixture
def stage(zongyang: Theatre) -> Iterator[Stage]:
    connection, stage = zongyang
    scene = connection.begin_nested()
    yield stage
    scene.rollback()
