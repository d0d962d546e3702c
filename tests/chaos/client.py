"""Somebody's program at the REST API, who does not give up when the other side is killed."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx

#: Nothing may take longer, however much is killed meanwhile: what dies young is started again after
#: a pause of up to 15 seconds, and dies again.
PATIENCE_SECONDS = 180 + 15 * int(os.environ.get("KILLS", "10"))
POLL_SECONDS = 0.3


class Client:
    """One account. Whatever got no answer is sent again, word for word.

    Args:
        address: of the web.
        login, password: sent with every request.
    """

    def __init__(self, address: str, login: str, password: str) -> None:
        self._http = httpx.Client(
            base_url=f"{address}/api/v1", auth=(login, password), trust_env=False, timeout=20
        )

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def start(self, person: Mapping[str, str]) -> str:
        """Start a joint case and return its number.

        A start has no key to repeat it by: after a lost answer, the second try is told that the
        case runs, and that case is ours.
        """
        body = {"region": "jilin", "process": "joint_case", "answers": dict(person)}
        answer, tries = self._send("POST", "/cases", body)
        if answer.status_code == 409 and tries > 1:
            asked = {"q": person["id_no"], "process": "joint_case"}
            found, _ = self._send("POST", "/cases/search", asked)
            return str(found.json()["cases"][0]["no"])
        assert answer.status_code == 201, answer.text
        return str(answer.json()["no"])

    def submit(self, no: str, element: str, answers: Mapping[str, Any]) -> None:
        """Wait for a task of a case and complete it once."""
        path = f"/tasks?case_no={no}&element={element}"
        (task,) = self.wait(lambda: self._get(path)["tasks"])
        body = {"revision": task["revision"], "answers": answers, "submit_key": uuid4().hex}
        answer, _ = self._send("POST", f"/tasks/{task['id']}/submit", body)
        assert answer.status_code == 200, (element, answer.text)

    def until_items(self, no: str, **states: str) -> None:
        """Wait until items of a case are in these states."""
        self.wait(lambda: states.items() <= self.items(no).items())

    def until_closed(self, no: str) -> None:
        """Wait until a case is closed."""
        self.wait(lambda: self._get(f"/cases/{no}")["case"]["status"] == "closed")

    def items(self, no: str) -> dict[str, str]:
        """The states of a case's items."""
        return {item["code"]: item["state"] for item in self._get(f"/cases/{no}")["items"]}

    def wait(self, ask: Callable[[], Any]) -> Any:
        """Ask until the answer is yes."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (answer := ask()):
            assert time.monotonic() < end, "waited too long"
            time.sleep(POLL_SECONDS)
        return answer

    def _get(self, path: str) -> Any:
        answer, _ = self._send("GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def _send(self, method: str, path: str, body: Any = None) -> tuple[httpx.Response, int]:
        """Send until there is an answer; return it and how many tries it took."""
        end = time.monotonic() + PATIENCE_SECONDS
        for tries in range(1, 10_000):
            try:
                answer = self._http.request(method, path, json=body)
            except httpx.TransportError as error:
                failure = repr(error)
            else:
                if answer.status_code < 500:
                    return answer, tries
                failure = f"{answer.status_code} {answer.text[:200]}"
            assert time.monotonic() < end, failure
            time.sleep(POLL_SECONDS)
        raise AssertionError
