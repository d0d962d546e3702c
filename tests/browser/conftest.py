"""A real browser for the pages: Chinese, in China's time zone, allowed to reach this machine only.

``page`` fails its test when the console shows an error or a page asks another host for anything.
``serve`` runs a Flask application in a thread; ``accessible`` asks axe about the page.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, Route
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from tests.browser.chromium import chromium

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    program = chromium()
    if program is None:
        reason = "no browser: run `make browser`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    arguments = ["--disable-dev-shm-usage", "--lang=zh-CN"]
    return {
        **browser_type_launch_args,
        "args": arguments,
        "executable_path": str(program),
        "env": {**os.environ, "LANGUAGE": "zh_CN"},
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1366, "height": 768},
    }


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of console messages that the test itself brings about; append to it."""
    return []


@pytest.fixture(autouse=True)
def nothing_goes_wrong_unseen(page: Page, expected_errors: list[str]) -> Iterator[None]:
    """Fail on console errors, on errors in scripts, and on requests to any other host."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    page.on("console", listen)

    def stay_here(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.scheme in ("data", "blob") or url.hostname == "127.0.0.1":
            route.continue_()
        else:
            wrong.append(f"request to another host: {route.request.url}")
            route.abort()

    page.route("**/*", stay_here)
    yield
    page.unroute_all(behavior="ignoreErrors")
    unexpected = [text for text in wrong if not any(part in text for part in expected_errors)]
    assert not unexpected, unexpected


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """``serve(app)`` runs it until the end of the test and returns its address."""
    with ExitStack() as stack:

        def start(app: Flask) -> str:
            server = make_server("127.0.0.1", 0, _whole(app), threaded=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


def _whole(app: Flask) -> "WSGIApplication":
    """Answers read whole and closed before they are sent.

    The test server does not close a file that it was sending when a browser turned away.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as parts:
            return list(parts)

    return answer


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """``accessible(page)`` fails and tells what axe found against WCAG 2.1 A and AA."""

    def check(page: Page) -> None:
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
        result = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
        assert result.violations_count == 0, result.generate_report()

    return check
