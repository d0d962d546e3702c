"""The worker: takes jobs from the queue, calls agencies, applies answers, fires timers.

Any number may run, on any machine. One process works two queues side by side, so that an agency
that keeps callers waiting never holds up answers and timers. It survives a restart of the
database, and what a killed worker held is freed by the others.
"""

import asyncio
import logging
import random
import signal
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from procrastinate import App
from procrastinate.jobs import Status

from engine.commands.sweep import sweep
from engine.jobs import AGENCIES, CASES
from engine.runtime import Runtime
from engine.settings import Settings
from engine.wiring import make_queue_app, make_runtime
from handlers.jobs import Exchange, Jobs

log = logging.getLogger(__name__)

#: Jobs of one queue at the same time; also the database connections a worker keeps.
AT_ONCE = 8
#: A job whose worker died this often is not tried again by the queue; our own sweep still is.
DEATHS = 3
SWEEP_SECONDS = 1
#: Failed jobs are only of interest to whoever looks at yesterday's log.
KEEP_FAILED_HOURS = 72


def main(settings: Settings) -> None:
    """Work until told to stop (SIGTERM, Ctrl-C); jobs under way are finished first.

    Args:
        settings: with the database address filled in (``prepare_database``).
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for talkative in ("procrastinate", "httpx"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    app = make_queue_app(settings)
    runtime = make_runtime(settings, "worker", app=app, pool_size=AT_ONCE)
    callback = f"http://127.0.0.1:{settings.port}"
    exchange = Exchange(settings.agency_secret, loopback=settings.loopback)
    Jobs(runtime, exchange, callback).register(app)
    asyncio.run(_work_until_stopped(app, runtime, settings))


async def _work_until_stopped(app: App, runtime: Runtime, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    # jobs are plain functions: each needs a thread, and the default has fewer than we promise
    loop.set_default_executor(ThreadPoolExecutor(2 * AT_ONCE, "job"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    told = asyncio.create_task(stop.wait())
    while not stop.is_set():
        working = asyncio.create_task(_work(app, runtime, settings))
        await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        (ended,) = await asyncio.gather(working, return_exceptions=True)
        if not stop.is_set():
            log.error("worker starts again", exc_info=ended)
            await asyncio.sleep(1 + random.random())  # noqa: S311 - only to spread many workers


async def _work(app: App, runtime: Runtime, settings: Settings) -> None:
    """Work both queues and keep house; ends only by an error or by being cancelled."""
    async with app.open_async(), asyncio.TaskGroup() as group:
        for queue in (CASES, AGENCIES):
            worker = app.run_worker_async(
                queues=[queue],
                name=queue,
                concurrency=AT_ONCE,
                fetch_job_polling_interval=1,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=settings.heartbeat_seconds,
                stalled_worker_timeout=settings.stall_seconds,
            )
            group.create_task(_endless(worker))
        group.create_task(_keep_house(app, runtime, settings.stall_seconds))


async def _endless(worker: Coroutine[Any, Any, None]) -> None:
    """A queue's worker that loses the database ends as if all were well; say that it is not."""
    await worker
    raise ConnectionError("the queue's worker ended by itself")


async def _keep_house(app: App, runtime: Runtime, stall_seconds: float) -> None:
    """Turn what is due into jobs every second; free what dead workers held."""
    forgotten = timedelta(seconds=2 * stall_seconds)
    next_rescue = next_tidy = monotonic()
    # a thread of its own: however busy the jobs are, timers are noticed
    with ThreadPoolExecutor(1, "sweep") as thread:
        loop = asyncio.get_running_loop()
        while True:
            await loop.run_in_executor(thread, lambda: sweep(runtime, stalled_after=forgotten))
            if monotonic() >= next_rescue:
                await rescue(app, stall_seconds)
                next_rescue = monotonic() + stall_seconds / 2
            if monotonic() >= next_tidy:
                await app.job_manager.delete_old_jobs(KEEP_FAILED_HOURS, include_failed=True)
                next_tidy = monotonic() + 3600
            await asyncio.sleep(SWEEP_SECONDS)


async def rescue(app: App, stall_seconds: float) -> int:
    """Free the jobs of workers that showed no sign of life for so long; return how many.

    A worker that was only frozen may finish its job too: every job is harmless when repeated.
    """
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stall_seconds))
    for job in stalled:
        assert job.id is not None
        if job.attempts >= DEATHS:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job_by_id_async(job.id, retry_at=datetime.now(UTC))
    return len(stalled)
