"""A story through web, worker and agencies leaves no number in the clear, anywhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from engine.clock import office_date
from engine.database import APPLICATION_ROLE, DATABASE
from engine.embedded_postgres import EmbeddedPostgres
from engine.leaks import find_leaks
from engine.operations import operations
from engine.runtime import Runtime
from engine.settings import Settings
from engine.wiring import make_runtime
from handlers.sandbox import Behaviour, Office
from tests.chaos import stories
from tests.chaos.people import a_retiree, put_on_record
from tests.chaos.stories import Cast
from tests.installation import ROOT, Installation, installed
from webapp.demo import PASSWORD


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    with installed(YIJIANSHI_HEARTBEAT="0.5", YIJIANSHI_STALL="1.5") as place:
        place.start()
        yield place
        place.stop()


@pytest.fixture(scope="module")
def runtime(place: Installation) -> Iterator[Runtime]:
    server = EmbeddedPostgres(place.data / "postgres")
    server.start()
    settings = Settings.from_environment(place.environment)
    url = server.url(APPLICATION_ROLE, DATABASE)
    runtime = make_runtime(replace(settings, database_url=url), "tool")
    office = Office(place.data / "sandbox", operations, runtime.clock.now, 0)
    office.instructions.add(Behaviour("accept", delay_seconds=0.2), times=None)
    yield runtime
    runtime.sessions.kw["bind"].dispose()
    server.stop()


def leaks(place: Installation, *files: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", "leaks", *files],
        cwd=ROOT,
        env=os.environ | place.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_story_leaves_no_number_in_the_clear(place: Installation, runtime: Runtime) -> None:
    cast = Cast(
        a_retiree(office_date(runtime.clock.now()), unit=0), f"http://127.0.0.1:{place.port}"
    )
    number = cast.retiree.identity["id_no"]
    numbers = [number, "6222020000000000018", "13900000088"]
    put_on_record(runtime, cast.retiree)
    try:
        next(stories.everything(cast))
        provoke_errors(cast, number)
    finally:
        cast.close()

    log = place.data.with_suffix(".log")
    assert list(find_leaks("log", log.read_text(), numbers)) == []
    searched = leaks(place, str(log))
    assert searched.returncode == 0, searched.stdout + searched.stderr
    assert "没有发现" in searched.stdout


def provoke_errors(cast: Cast, number: str) -> None:
    """Ask for what is not there and send what is wrong: error pages and logs must not repeat it."""
    http = httpx.Client(base_url=cast.address, auth=("rs01", PASSWORD), trust_env=False)
    with http:
        pages = [
            http.get(f"/api/v1/cases/{number}"),
            http.get(f"/api/v1/cases?q={number}"),
            http.post("/api/v1/cases", json={"region": number, "process": "x", "answers": {}}),
            http.post("/sign-in", data={"login": number, "password": number}),
        ]
    for page in pages:
        assert page.status_code >= 300
        assert list(find_leaks("error page", page.text, [number])) == []


def test_a_planted_number_is_found(place: Installation, runtime: Runtime) -> None:
    with runtime.transaction() as session:
        session.connection().exec_driver_sql(
            "insert into setting (key, value) values ('planted', '\"220199196611200016\"')"
        )
    found = leaks(place)
    assert found.returncode == 1
    assert "setting.value：身份证号 220199" in found.stdout
    assert "220199196611200016" not in found.stdout
