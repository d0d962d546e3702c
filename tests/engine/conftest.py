"""A stage per test, on a database of its own."""

import pytest

from tests.conftest import Database
from tests.stage import Stage


@pytest.fixture
def stage(database: Database) -> Stage:
    """Jilin with a cast, real commits."""
    return Stage(database.engine)
