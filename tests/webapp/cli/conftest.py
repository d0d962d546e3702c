"""An installation for commands: a database of its own, Jilin in use, and its cast."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.people import record_sections, register_person
from engine.settings import Settings
from tests.conftest import Database
from tests.stage import CHECK, PREREVIEW, RETIREE, Stage
from tests.webapp.cli.command import Result, yijianshi


@dataclass(frozen=True)
class Terminal:
    """A terminal at the installation."""

    stage: Stage
    environment: Mapping[str, str]

    def run(self, *arguments: str, **environment: str) -> Result:
        """Type a command."""
        return yijianshi(*arguments, environment={**self.environment, **environment})

    def register(self, **facts: Any) -> None:
        """Put 张建国 on record with his pre-review."""
        with self.stage.runtime.transaction() as session:
            file, _ = register_person(self.stage.runtime, session, "jilin", {**RETIREE, **facts})
            sections = {"prereview": PREREVIEW, "contribution_check": CHECK}
            record_sections(self.stage.runtime, session, file, sections, "测试")


@pytest.fixture
def terminal(database: Database, database_settings: Settings) -> Terminal:
    """The command line of an installation that has been in use since yesterday."""
    stage = Stage(database.engine, now=datetime.now(UTC) - timedelta(days=1))
    environment = database_settings.as_environment() | {
        "YIJIANSHI_MASTER_KEY": (b"m" * 32).hex(),
        "YIJIANSHI_INDEX_KEY": (b"s" * 32).hex(),
    }
    return Terminal(stage, environment)
