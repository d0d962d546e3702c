"""Feedback on its way: a thread sends what offices have to say until it is taken.

At least once: a kill between sending and noting sends again, as real agencies do.
"""

import logging
import sqlite3
import threading
import time
from urllib.parse import urlsplit

import httpx

from handlers.envelope import Request
from handlers.sandbox.office import Office
from handlers.signature import agency_key, sign

log = logging.getLogger(__name__)

#: Answers that will not change by sending again; a person may press the button.
REFUSED = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})


class Courier:
    """Carries feedback to the address each request named.

    Args:
        office: whose feedback.
        secret: the installation's secret, from which each agency's key is derived.
        transport: for running against an application in the same process.
    """

    def __init__(
        self, office: Office, secret: bytes, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._office = office
        self._secret = secret
        self._client = httpx.Client(timeout=10, trust_env=False, transport=transport)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feedback", daemon=True)

    def start(self) -> None:
        """Begin to carry, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the message under way, then stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._client.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.carry()
            except Exception:
                log.exception("feedback courier goes on after an error")
            self._stop.wait(0.2)

    def carry(self) -> int:
        """Send everything that is due and not waiting for another try; return how many went."""
        self._office.mature()
        with self._office.records.look() as db:
            rows = db.execute(
                "select f.*, r.content as request, r.agency from feedback f"
                " join request r on r.id = f.request_id"
                " where f.state = 'ready' and f.try_at <= ? order by f.id limit 50",
                (time.time(),),
            ).fetchall()
        return sum(self._send(row) for row in rows)

    def _send(self, row: sqlite3.Row) -> bool:
        address = Request.model_validate_json(row["request"]).callback_url
        if not address:
            self._note(row, "refused", "请求未留反馈地址")
            return False
        body = row["content"].encode()
        key = agency_key(self._secret, row["agency"])
        headers = sign(key, "POST", urlsplit(address).path, body)
        try:
            response = self._client.post(
                address, content=body, headers={"Content-Type": "application/json", **headers}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._note(row, "ready", type(error).__name__)
            return False
        sent = response.is_success
        state = "sent" if sent else "refused" if response.status_code in REFUSED else "ready"
        self._note(row, state, f"HTTP {response.status_code}")
        return sent

    def _note(self, row: sqlite3.Row, state: str, note: str) -> None:
        """Write down how a try ended; the next one comes after 1, 2, 4 … at most 10 seconds."""
        wait = min(10, 2 ** min(row["tries"], 4))
        with self._office.records.change() as db:
            db.execute(
                "update feedback set state = ?, note = ?, tries = tries + 1, try_at = ?"
                " where id = ? and state = 'ready'",
                (state, note, time.time() + wait, row["id"]),
            )
