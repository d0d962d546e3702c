"""Four stories of Jilin's joint case, told over REST. ``yield``: a month may go by now."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.client import Client
from tests.chaos.people import Retiree
from webapp.demo import PASSWORD

Story = Callable[["Cast"], Iterator[None]]


@dataclass
class Cast:
    """A retiree, and everybody who acts for him; ``no`` once the case has begun."""

    retiree: Retiree
    address: str
    no: str = ""
    clients: dict[str, Client] = field(default_factory=dict)

    def as_(self, login: str) -> Client:
        """Somebody's own way to the API."""
        if login not in self.clients:
            self.clients[login] = Client(self.address, login, PASSWORD)
        return self.clients[login]

    def close(self) -> None:
        """Let everybody hang up."""
        for client in self.clients.values():
            client.close()

    @property
    def applicant(self) -> Client:
        unit = self.retiree.person.unit
        return self.person if unit is None else self.as_(f"dw0{unit + 1}")

    @property
    def person(self) -> Client:
        return self.as_(self.retiree.login)

    def apply(self, **items: Any) -> None:
        """Start, choose items and hand the application in."""
        applicant = self.applicant
        self.no = applicant.start(self.retiree.identity)
        applicant.submit(self.no, "choose_items", {"guide_read": True, **items})
        if items["fund"] == "withdraw":
            applicant.submit(self.no, "bank_account", self.card)
        contact = {"contact_name": "马晓东", "contact_mobile": "13900000088"}
        applicant.submit(self.no, "submit_application", {**contact, "declaration": True})

    def approve(self) -> None:
        """The office agrees."""
        answers = {
            "outcome": "agree",
            "retire_date": self.retiree.retire_date,
            "deemed_months": 60,
            "deemed_basis": "档案记载 1986 年 8 月参加工作",
        }
        self.as_("rs01").submit(self.no, "approve", answers)

    def verify(self) -> None:
        """The retiree says who he is."""
        answers = {"id_no": self.retiree.identity["id_no"], "confirmed": True}
        self.person.submit(self.no, "realname", answers)

    @property
    def card(self) -> Mapping[str, str]:
        bank = {"bank_name": "示范银行", "account_no": "6222020000000000018"}
        return {"holder": self.retiree.person.name, **bank}


def everything(cast: Cast) -> Iterator[None]:
    """All three items succeed."""
    cast.apply(pension=True, medical=True, fund="withdraw", fund_centre="city_fund")
    cast.approve()
    cast.verify()
    cast.applicant.until_items(cast.no, medical="succeeded", pension="waiting_condition")
    yield
    cast.applicant.until_closed(cast.no)


def medical_twice(cast: Cast) -> Iterator[None]:
    """The first round of the medical item is refused; the fund is only sealed."""
    cast.apply(medical=True, fund="seal", fund_centre="city_fund")
    cast.approve()
    cast.applicant.submit(cast.no, "medical_again", {"action": "again"})
    cast.applicant.until_items(cast.no, medical="succeeded")
    yield
    cast.applicant.until_closed(cast.no)


def by_himself(cast: Cast) -> Iterator[None]:
    """Somebody in flexible employment applies for pension and withdrawal."""
    cast.apply(pension=True, fund="withdraw", fund_centre="city_fund")
    cast.approve()
    cast.applicant.until_items(cast.no, pension="waiting_condition")
    yield
    cast.applicant.until_closed(cast.no)


def nothing(cast: Cast) -> Iterator[None]:
    """Nothing is ticked: only the right to retire is confirmed."""
    cast.apply(fund="none")
    cast.approve()
    cast.applicant.until_closed(cast.no)
    yield
