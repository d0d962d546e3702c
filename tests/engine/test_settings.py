"""What the environment may say, and what is said about mistakes."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import CannotStart
from engine.settings import Settings


def test_an_empty_environment_gives_an_embedded_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.data == tmp_path / "var"
    assert settings.database_url is None
    assert (settings.port, settings.sandbox_port, settings.demo) == (8000, 8010, True)


def test_an_external_database_is_no_demo_unless_asked(tmp_path: Path) -> None:
    environ = {"YIJIANSHI_DATA": str(tmp_path), "DATABASE_URL": "postgres://app@db/yjs"}
    settings = Settings.from_environment(environ)
    assert settings.database_url == "postgresql+psycopg://app@db/yjs"
    assert settings.database_owner_url == settings.database_url
    assert settings.demo is False
    assert Settings.from_environment(environ | {"YIJIANSHI_DEMO": "1"}).demo is True


def test_staff_need_a_second_factor_unless_it_is_a_demonstration(tmp_path: Path) -> None:
    demo = {"YIJIANSHI_DATA": str(tmp_path)}
    real = demo | {"DATABASE_URL": "postgres://app@db/yjs"}
    for environ, asked in (
        (demo, False),
        (demo | {"YIJIANSHI_SECOND_FACTOR": "staff"}, True),
        (real, True),
        (real | {"YIJIANSHI_SECOND_FACTOR": "off"}, False),
    ):
        settings = Settings.from_environment(environ)
        assert settings.asks_second_factor("staff") is asked
        assert not settings.asks_second_factor("unit")
        assert settings.idle("staff") > settings.idle("person")


def test_secrets_are_made_once_and_only_we_can_read_them(tmp_path: Path) -> None:
    environ = {"YIJIANSHI_DATA": str(tmp_path)}
    first, second = Settings.from_environment(environ), Settings.from_environment(environ)
    keys = [first.master_key, first.index_key, first.session_secret, first.agency_secret]
    assert len(set(keys)) == 4
    assert second == first
    for file in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(list((tmp_path / "secrets").iterdir())) == 4


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        environs = [{"YIJIANSHI_DATA": str(tmp_path)}] * 8
        keys = {settings.master_key for settings in pool.map(Settings.from_environment, environs)}
    assert len(keys) == 1


def test_a_child_process_reads_the_same_settings(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"YIJIANSHI_DATA": str(tmp_path), "DATABASE_URL": "postgresql://app:x%40y@db/yjs"}
    )
    assert Settings.from_environment(settings.as_environment()) == settings


def test_secrets_and_passwords_do_not_show(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"YIJIANSHI_DATA": str(tmp_path), "DATABASE_URL": "postgresql://app:geheim@db/yjs"}
    )
    assert "geheim" not in repr(settings)
    assert repr(settings.master_key) not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80a"),
        ("PORT", "0"),
        ("SANDBOX_PORT", "65536"),
        ("DATABASE_URL", "mysql://root@db/x"),
        ("DATABASE_URL", "postgresql://app@db"),
        ("DATABASE_URL", "何处"),
        ("DATABASE_OWNER_URL", "postgresql://owner@db/yjs/"),
        ("YIJIANSHI_DEMO", "maybe"),
        ("YIJIANSHI_HEARTBEAT", "often"),
        ("YIJIANSHI_HEARTBEAT", "nan"),
        ("YIJIANSHI_STALL", "12"),
        ("YIJIANSHI_MASTER_KEY", "短"),
        ("YIJIANSHI_AGENCY_SECRET", "00" * 31),
        ("YIJIANSHI_SECOND_FACTOR", "everybody"),
        ("YIJIANSHI_IDLE_STAFF", "0"),
        ("YIJIANSHI_IDLE_OTHERS", "1441"),
        ("YIJIANSHI_SESSION_HOURS", "long"),
        ("YIJIANSHI_PROXIES", "-1"),
    ],
)
def test_a_bad_value_is_named_in_chinese_and_english(tmp_path: Path, name: str, value: str) -> None:
    environ = {"YIJIANSHI_DATA": str(tmp_path)} | {name: value}
    with pytest.raises(CannotStart) as caught:
        Settings.from_environment(environ)
    message = caught.value.message
    assert name in message or "DATABASE_URL" in message
    assert "must" in message
    assert any("一" <= letter <= "鿿" for letter in message)


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="YIJIANSHI_DATA"):
        Settings.from_environment({"YIJIANSHI_DATA": str(tmp_path / "file" / "var")})
