"""Both systems brought up side by side on one PostgreSQL, each as it would run in production."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url

import handlers  # noqa: F401 - registers the operations the pack asks for
from bench.database import Database, server, superuser
from bench.programs import free_port, gunicorn, program
from bench.systems import Baseline, Product
from engine.accounts import add_account
from engine.database import APPLICATION_ROLE, prepare_database
from engine.embedded_postgres import EmbeddedPostgres
from engine.settings import Settings
from engine.wiring import make_runtime, publish_packs

HERE = Path(__file__).parent
#: Not in /tmp, which may be memory: commits are to reach a disk.
FOLDER = HERE.parent / "var" / "bench"
#: The worker signs in under a name of its own, so that its statements are counted apart.
WORKER_ROLE = "bench_worker"
LOGIN, PASSWORD = "bench", "measured in one run"
ROLES = ("hrss_reviewer", "hrss_approver", "med_clerk", "fund_clerk", "si_clerk")


@contextmanager
def both_systems() -> Iterator[tuple[Baseline, Product]]:
    """Start everything in an empty folder; stop it and remove the folder at the end."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        with ExitStack() as stack:
            settings = Settings.from_environment(
                {
                    "YIJIANSHI_DATA": str(FOLDER),
                    "YIJIANSHI_DEMO": "0",
                    "YIJIANSHI_LOOPBACK": "1",
                    "YIJIANSHI_SECOND_FACTOR": "off",  # its programs send passwords
                    "PORT": str(free_port()),
                }
            )
            postgres = stack.enter_context(server(settings.data / "postgres"))
            yield (
                stack.enter_context(_baseline(postgres)),
                stack.enter_context(_product(postgres, settings)),
            )
    finally:
        shutil.rmtree(FOLDER)


@contextmanager
def _baseline(postgres: EmbeddedPostgres) -> Iterator[Baseline]:
    with superuser(postgres, "postgres") as database:
        database.run(f"create role {APPLICATION_ROLE} login")
        database.run(f"create database naive owner {APPLICATION_ROLE}")
    port = free_port()
    environment = {"NAIVE_DB": postgres.url(APPLICATION_ROLE, "naive")}
    with (
        program(
            "baseline", gunicorn("bench.baseline.naive_app:app", port), environment, FOLDER, port
        ),
        superuser(postgres, "naive") as database,
    ):
        database.run("create extension pg_stat_statements")
        yield Baseline(port, database)


@contextmanager
def _product(postgres: EmbeddedPostgres, settings: Settings) -> Iterator[Product]:
    agency_port = free_port()
    secret = {"BENCH_AGENCY_SECRET": settings.agency_secret.hex()}
    with ExitStack() as stack:
        ready = stack.enter_context(prepare_database(settings)).settings
        address = make_url(str(ready.database_url))
        database = stack.enter_context(superuser(postgres, str(address.database)))
        _fill(ready, database, f"http://127.0.0.1:{agency_port}")
        worker_url = address.set(username=WORKER_ROLE).render_as_string(hide_password=False)
        as_worker = replace(ready, database_url=worker_url)
        environment = ready.as_environment() | {"WEB_CONCURRENCY": "1"}
        stack.enter_context(
            program(
                "agency", gunicorn("bench.agency:app", agency_port), secret, FOLDER, agency_port
            )
        )
        stack.enter_context(
            program("web", ["webapp.cli", "web"], environment, FOLDER, settings.port)
        )
        stack.enter_context(
            program("worker", ["webapp.cli", "worker"], as_worker.as_environment(), FOLDER)
        )
        yield Product(settings.port, database, WORKER_ROLE, LOGIN, PASSWORD)


def _fill(settings: Settings, database: Database, agency: str) -> None:
    """Publish the pack, make one account that holds every role in it, and the worker's role."""
    database.run("create extension pg_stat_statements")
    database.run(f"create role {WORKER_ROLE} login in role {APPLICATION_ROLE}")
    runtime = make_runtime(settings, "tool")
    publish_packs(runtime, agency, HERE / "pack")
    with runtime.transaction() as session:
        grants = tuple((role, "bench") for role in ROLES)
        add_account(session, LOGIN, "测量员", PASSWORD, "staff", grants=grants)
    runtime.sessions.kw["bind"].dispose()
