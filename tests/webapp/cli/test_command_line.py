"""The command as a person types it."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from engine.settings import Settings

ROOT = Path(__file__).parents[3]


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_file_of_the_folder_is_a_command() -> None:
    help_text = run("--help").stdout
    for file in (ROOT / "webapp" / "cli").glob("[a-z]*.py"):
        assert f"\n  {file.stem.replace('_', '-')} " in help_text


def test_a_command_that_does_not_exist_is_used_wrongly() -> None:
    result = run("nonsense")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_a_bad_setting_is_one_clear_sentence() -> None:
    result = run("db", "upgrade", PORT="many")
    assert result.returncode == 2
    assert "环境变量 PORT 有误" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unreachable_database_is_one_clear_sentence(tmp_path: Path) -> None:
    result = run(
        *("db", "upgrade"),
        YIJIANSHI_DATA=str(tmp_path),
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere",
    )
    assert result.returncode == 2
    assert "无法连接数据库" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_database_is_upgraded_as_often_as_asked(database_settings: Settings) -> None:
    for _ in range(2):
        result = run("db", "upgrade", **database_settings.as_environment())
        assert result.returncode == 0, result.stderr
        assert "当前版本" in result.stdout
    assert database_settings.database_owner_url
    engine = create_engine(database_settings.database_owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from alembic_version")) == 1
