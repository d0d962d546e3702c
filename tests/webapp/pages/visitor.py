"""A visitor: somebody in front of a browser without scripts."""

from typing import Any

from apiflask import APIFlask
from lxml import html
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

PASSWORD = "long enough a password"


class Visitor:
    """Opens pages, fills in the forms it was shown and presses buttons; follows redirects."""

    def __init__(self, app: APIFlask, login: str | None = None) -> None:
        self.client = app.test_client()
        if login:
            self.open("/sign-in")
            self.press("登录", login=login, password=PASSWORD)
            assert self.status == 200, self.text

    def open(self, path: str) -> "Visitor":
        """Open an address."""
        return self._show(self.client.get(path, follow_redirects=True))

    def follow(self, text: str) -> "Visitor":
        """Follow the link that says this."""
        links = self.page.xpath("//a[contains(normalize-space(), $text)]", text=text)
        assert links, f"no link says {text}: {self.words}"
        return self.open(links[0].get("href"))

    def press(self, button: str, **answers: Any) -> "Visitor":
        """Fill in the form around a button that says this, and press it."""
        return self.send(self.post_of(button, **answers))

    def post_of(self, button: str, **answers: Any) -> tuple[str, MultiDict[str, str]]:
        """What pressing the button would send: for those who press twice, or late."""
        found = [
            one
            for one in self.page.xpath("//form//button")
            if " ".join(one.text_content().split()) == button and not one.get("aria-hidden")
        ]
        assert found, f"no button says {button}: {self.words}"
        form = next(found[0].iterancestors("form"))
        for name, value in answers.items():
            form.fields[name] = value
        pairs = form.form_values()
        if found[0].get("name"):
            pairs = [*pairs, (found[0].get("name"), found[0].get("value"))]
        return form.get("action") or self.path, MultiDict(pairs)

    def send(self, post: tuple[str, MultiDict[str, str]]) -> "Visitor":
        """Send what ``post_of`` returned."""
        path, pairs = post
        return self._show(self.client.post(path, data=pairs, follow_redirects=True))

    @property
    def words(self) -> str:
        """Everything that can be read on the page."""
        return " ".join(self.page.text_content().split())

    @property
    def headline(self) -> str:
        """The page's first headline."""
        return " ".join(self.page.xpath("//h1")[0].text_content().split())

    def says(self, *texts: str) -> bool:
        """Whether all of these can be read."""
        return all(text in self.words for text in texts)

    def links(self) -> list[str]:
        """Where one can go from here."""
        return [link.get("href") for link in self.page.xpath("//a[@href]")]

    def _show(self, answer: TestResponse) -> "Visitor":
        self.answer, self.status, self.text = answer, answer.status_code, answer.text
        self.path = answer.request.path
        self.page = html.fromstring(answer.text or "<p></p>")
        return self
