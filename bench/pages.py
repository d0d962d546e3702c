"""``python -m bench.pages``: how long a clerk waits for a page with 100,000 open tasks about.

Whole pages over HTTP, from the request to the last byte, one at a time; then every statement of
each page with its plan, written to ``bench/plans``.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import click
import httpx
import psycopg
from sqlalchemy import event, make_url

import handlers  # noqa: F401 - registers the operations
from bench.crowd import LOGIN, PASSWORD, PEOPLE, WHO, gather
from bench.database import Database, server, superuser
from bench.programs import free_port, program
from bench.report import machine
from bench.stage import FOLDER, HERE
from engine.access import Actor
from engine.clock import CHINA
from engine.database import conninfo, prepare_database
from engine.models import WorkItem
from engine.runtime import Runtime
from engine.scope import scope_of, tell
from engine.settings import Settings
from engine.wiring import make_runtime, publish_packs
from webapp import create_app

PLANS = HERE / "plans"
LIMIT_MS = 100
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Question:
    """A page somebody asks for; ``typed`` is sent by POST, as the search box does."""

    name: str
    path: str
    typed: str = ""


def questions(task: WorkItem) -> Sequence[Question]:
    """The pages a clerk has open all day."""
    return (
        Question("worklist: mine", "/tasks?view=mine"),
        Question("worklist: to be claimed", "/tasks?view=pool"),
        Question("worklist: overdue", "/tasks?view=overdue"),
        Question("worklist: due soon", "/tasks?view=due_soon"),
        Question("worklist: one step", f"/tasks?view=pool&element={task.element}"),
        Question("worklist: a step nobody waits at", "/tasks?view=pool&element=enter_check"),
        Question("worklist: due on some days", f"/tasks?view=pool&{_days()}"),
        Question("worklist: an employer", "/tasks?view=pool&unit=示范企业123"),
        Question("worklist: a name", "/tasks?view=pool&subject=赵文100"),
        Question("worklist: a case", "/tasks?view=pool&case_no=JL2027010100004000"),
        Question("search: a number's beginning", "/cases?q=JL20270101000040"),
        Question("search: a name", "/cases?q=赵文100"),
        Question("search: an identity number", "/cases", WHO["id_no"]),
        Question("a form", f"/tasks/{task.id}"),
        Question("an office's work", "/office"),
    )


def _days() -> str:
    today = datetime.now(CHINA).date()
    return f"due_from={today + timedelta(days=2)}&due_until={today + timedelta(days=5)}"


@click.command()
@click.option("--rounds", default=40, show_default=True, help="requests per page")
@click.option("--output", type=click.Path(path_type=Path), default=HERE / "pages.json")
def main(rounds: int, output: Path) -> None:
    """Measure pages among 100,000 open tasks; keep the plans of their queries."""
    with _place() as (settings, database, runtime):
        click.echo(f"copying {PEOPLE} cases ……")
        clerk, task = gather(runtime, database)
        asked = questions(task)
        where = machine(database)
        with program(
            "web", ["webapp.cli", "web"], settings.as_environment(), FOLDER, settings.port
        ):
            figures = {one.name: times for one, times in _measured(settings.port, asked, rounds)}
        _keep_plans(settings, clerk, asked)
    click.echo("\n".join(f"{name}: {value}" for name, value in where.items()))
    click.echo(_table(figures))
    result = {"machine": where, "open_tasks": PEOPLE, "milliseconds": figures}
    output.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def _place() -> Iterator[tuple[Settings, Database, Runtime]]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        with ExitStack() as stack:
            settings = Settings.from_environment(
                {
                    "YIJIANSHI_DATA": str(FOLDER),
                    "YIJIANSHI_DEMO": "0",
                    "YIJIANSHI_LOOPBACK": "1",
                    "YIJIANSHI_SECOND_FACTOR": "off",
                    "WEB_CONCURRENCY": "1",
                    "PORT": str(free_port()),
                }
            )
            postgres = stack.enter_context(server(settings.data / "postgres"))
            ready = stack.enter_context(prepare_database(settings)).settings
            name = str(make_url(str(ready.database_url)).database)
            database = stack.enter_context(superuser(postgres, name))
            runtime = make_runtime(ready, "tool")
            stack.callback(runtime.sessions.kw["bind"].dispose)
            publish_packs(runtime, "http://127.0.0.1:1")
            yield ready, database, runtime
    finally:
        shutil.rmtree(FOLDER)


def _measured(
    port: int, asked: Sequence[Question], rounds: int
) -> Iterator[tuple[Question, list[float]]]:
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, trust_env=False, follow_redirects=True) as client:
        token = _sign_in(client)
        for one in asked:
            _ask(client, one, token)  # the first one warms caches up
            times = []
            for _ in range(rounds):
                begun = perf_counter()
                _ask(client, one, token)
                times.append(1000 * (perf_counter() - begun))
            yield one, times


def _sign_in(client: httpx.Client) -> str:
    """Come in as the clerk; return the token for what is sent from pages."""
    form = {"login": LOGIN, "password": PASSWORD, "csrf_token": _token(client.get("/sign-in"))}
    client.post("/sign-in", data=form).raise_for_status()
    return _token(client.get("/cases"))


def _token(page: httpx.Response) -> str:
    found = _TOKEN.search(page.text)
    if found is None:
        raise RuntimeError(f"{page.url}: {page.status_code} {page.text[:400]}")
    return found[1]


def _ask(client: httpx.Client, one: Question, token: str) -> None:
    if one.typed:
        page = client.post(one.path, data={"q": one.typed, "csrf_token": token})
    else:
        page = client.get(one.path)
    page.raise_for_status()
    if page.url.path != one.path.partition("?")[0]:
        raise RuntimeError(f"{one.path} led to {page.url}")


def _table(figures: Mapping[str, Sequence[float]]) -> str:
    lines = ["", "| page | median, ms | p95, ms |", "|---|---:|---:|"]
    for name, times in figures.items():
        slow = quantiles(times, n=20, method="inclusive")[-1]
        lines.append(f"| {name} | {median(times):.1f} | {slow:.1f} |")
    late = [name for name, times in figures.items() if median(times) >= LIMIT_MS]
    lines.append(f"\nover {LIMIT_MS} ms: {', '.join(late) or 'none'}")
    return "\n".join(lines)


def _keep_plans(settings: Settings, clerk: Actor, asked: Sequence[Question]) -> None:
    """Ask once more in this process, listening to what it asks the database."""
    runtime = make_runtime(settings, "web")
    engine = runtime.sessions.kw["bind"]
    heard: list[tuple[str, Any]] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _k, said, values, *_: heard.append((said, values)),
    )
    shutil.rmtree(PLANS, ignore_errors=True)
    PLANS.mkdir()
    app = httpx.WSGITransport(create_app(settings, runtime))
    address = "http://127.0.0.1"
    with httpx.Client(base_url=address, transport=app, follow_redirects=True) as client:
        token = _sign_in(client)
        for one in asked:
            _ask(client, one, token)  # what is read once per process is no part of it
            heard.clear()
            _ask(client, one, token)
            path = PLANS / f"{re.sub('[^a-z]+', '-', one.name)}.txt"
            path.write_text("\n\n".join(_plans(settings, clerk, heard)) + "\n")
    engine.dispose()


def _plans(settings: Settings, clerk: Actor, heard: Sequence[tuple[str, Any]]) -> Iterator[str]:
    """Every query of a page with its plan, as the restricted role with the clerk's scope."""
    with psycopg.connect(conninfo(str(settings.database_url))) as connection:
        tell(connection, scope_of(clerk))
        for said, values in heard:
            if not said.lstrip().lower().startswith(("select", "with")):
                continue
            rows = connection.execute(f"explain (analyze, buffers) {said}", values).fetchall()  # type: ignore[arg-type]
            yield f"{said}\n\n" + "\n".join(str(row[0]) for row in rows)


if __name__ == "__main__":
    main()
