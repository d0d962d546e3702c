"""Somebody who comes in through the simulated identity platform, step by step."""

from urllib.parse import parse_qs, urlsplit

from apiflask import APIFlask
from flask import Flask
from werkzeug.test import TestResponse

from tests.webapp.pages.visitor import Visitor


class Newcomer(Visitor):
    """A browser that goes back and forth between the application and the platform."""

    def __init__(self, app: APIFlask, platform: Flask) -> None:
        super().__init__(app)
        self.platform = platform.test_client()

    def leave_for_platform(self, path: str = "/sign-in/identity/jilin") -> str:
        """Press 通过吉事办登录; returns the path of the platform's page with the QR code."""
        answer = self.client.get(path)
        assert answer.status_code == 302, answer.text
        return self.platform.get(self.local(answer)).location

    def scan(self, login: str, who: str) -> str:
        """Scan as somebody; returns the path that leads back to the application."""
        ticket = login.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        answer = self.platform.post(f"/identity/scan/{ticket}", data={"who": who, "here": "1"})
        assert answer.status_code == 302, answer.text
        return self.local(answer)

    def sign_in(self, who: str, path: str = "/sign-in/identity/jilin") -> "Newcomer":
        """All of it."""
        self.open(self.scan(self.leave_for_platform(path), who))
        return self

    def from_portal(self, channel: str = "jsb_web", process: str = "joint_case") -> str:
        """Follow the link on the portal; returns the path to us, with its ticket."""
        return self.local(self.platform.get(f"/portal/go/{channel}/jilin/{process}"))

    @staticmethod
    def local(answer: TestResponse) -> str:
        url = urlsplit(answer.location)
        return f"{url.path}?{url.query}"


def state_of(path: str) -> str:
    """The state in the address that leads back."""
    return parse_qs(urlsplit(path).query)["state"][0]
