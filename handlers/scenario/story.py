"""What a scenario file may say: one story of one case, in a designer's words (YAML)."""

from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from engine.errors import Invalid
from engine.packs.problem import setting_mistake
from engine.packs.region import Mode

Reply = dict[str, Any]
#: The code of the group a unit belongs to, in stories that have one.
GROUP = "91220199MA0X000033"


class Part(BaseModel):
    """Unknown words are mistakes, as everywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _must_look(clauses: list[str], *looks: object) -> None:
    """Who claims that a clause holds must look at something that could be otherwise."""
    if clauses and not any(looks):
        raise PydanticCustomError("looks_at_nothing", "nothing is looked at")


class Somebody(Part):
    """The synthetic retiree of the story."""

    name: str
    id_no: str
    mobile: str | None = None
    employment: Literal["employee", "flexible"]
    unit: str = "吉林省示范机械有限公司"
    uscc: str = "91220199MA0X00001W"
    group: str = ""  # the unit is a subordinate, insured under this group's account
    verified: bool = True  # the identity platform knows them
    office: str | None = None  # code of the office where they are insured
    custodian: bool = False  # a custody institution keeps the archive

    @property
    def account_uscc(self) -> str:
        """The code of the pension account: the unit's, or its group's."""
        return GROUP if self.group else self.uscc


class Start(Part):
    """Who starts the case and what the start form says; left out: name and identity number.

    ``nobody``: the case begins by itself, by a message or because it is time.
    """

    by: Literal["unit", "custodian", "person", "staff", "other_unit", "public", "nobody"] = "unit"
    channel: str | None = None  # the portal's code of the channel it came through
    answers: dict[str, Any] | None = None
    refused: str | None = None  # part of the message with which the start is refused
    clauses: list[str] = []  # what the refusal proves

    @model_validator(mode="after")
    def _looks(self) -> Self:
        _must_look(self.clauses, self.refused)
        return self


class Advance(Part):
    """Let time go by, up to an instant (China time) or by an amount."""

    days: int = 0
    working_days: int = 0
    months: int = 0
    hours: int = 0
    to: datetime | None = None


class Expect(Part):
    """What must be true now. Left out: not looked at."""

    tasks: list[str] | None = None
    calls: list[str] | None = None
    items: dict[str, str] | None = None
    deadlines: dict[str, datetime] | None = None
    notices: list[str] | None = None
    incidents: int | None = None
    timers: dict[str, datetime] | None = None
    status: Literal["running", "closed"] | None = None


class Visit(Part):
    """A page of the web application, fetched as somebody; ``{no}`` is the case number.

    With ``post`` a form is sent there, and the page that follows is looked at.
    """

    who: str = Field(alias="as")
    path: str
    post: dict[str, str | list[str]] | None = None
    status: int = 200
    shows: list[str] = []
    hides: list[str] = []
    direct: bool = False  # an applicant who did not come from the portal

    @property
    def looks(self) -> bool:
        """Whether it could find something wrong."""
        return bool(self.shows or self.hides or "status" in self.model_fields_set)


class SignIn(Part):
    """Coming in through the identity platform, as a browser does: the first page that is shown.

    ``who`` is somebody the simulated platform knows: the story's ``person``, its unit's ``admin``
    or ``operator``, or ``unverified``; ``by``: ``qr`` or, for a unit, ``password``. ``portal``: the
    code of the channel whose link on the portal is followed first.
    """

    who: Literal["person", "unverified", "admin", "operator", "custodian"] = Field(alias="as")
    by: Literal["qr", "password"] = "qr"
    portal: str | None = None
    status: int = 200
    shows: list[str] = []
    hides: list[str] = []

    @property
    def looks(self) -> bool:
        """Whether it could find something wrong."""
        return bool(self.shows or self.hides)


class RosterTrip(Part):
    """A round trip through a real workbook: exported, filled in by the agency, taken in again."""

    agency: str
    reply: dict[str, Any]  # what the form of a desk would say, in every row


class Step(Part):
    """One thing that happens; exactly one of the verbs is given."""

    submit: str | None = None
    by: str = "applicant"
    colleague: bool = False  # somebody else of the same role does it
    answers: dict[str, Any] = Field(default_factory=dict)
    invalid: dict[str, str] | None = None  # field → part of the message the submit must get
    agency: str | None = None
    exchange: RosterTrip | None = None
    feedback: str | None = None
    reply: Reply | str | None = None
    times: int = 1
    advance: Advance | None = None
    message: str | None = None
    message_id: str | None = None
    file: dict[str, Any] | None = None  # file-scope sections that become known now
    visit: Visit | None = None
    sign_in: SignIn | None = None
    expect: Expect | None = None
    clauses: list[str] = []  # what this step proves by what it looks at

    @model_validator(mode="after")
    def _looks(self) -> Self:
        expects = self.expect and self.expect.model_fields_set
        visited = (self.visit and self.visit.looks) or (self.sign_in and self.sign_in.looks)
        _must_look(self.clauses, expects, self.invalid, visited)
        return self


class End(Part):
    """How the story ends."""

    outcome: str | None = None  # element id of the end event; None: still running
    items: dict[str, str] = Field(default_factory=dict)
    notices: list[str] | None = None


class Story(Part):
    """A scenario file."""

    title: str
    process: str
    beside: list[str] = []  # processes that begin by themselves meanwhile
    today: datetime
    person: Somebody
    file: dict[str, dict[str, Any]] = Field(default_factory=dict)
    agency_mode: dict[str, Mode] = Field(default_factory=dict)  # agency → how it is reached
    parameters: dict[str, Any] = Field(default_factory=dict)  # other values than the region's
    practice: bool = False  # told as in a practice region
    start: Start = Start()
    steps: list[Step] = Field(default_factory=list)
    end: End = End()

    @property
    def clauses(self) -> set[str]:
        """All clauses its steps prove by what they look at."""
        return {*self.start.clauses, *(one for step in self.steps for one in step.clauses)}


def read_story(path: Path) -> Story:
    """Read a scenario file.

    Raises:
        Invalid: with the place and what is wrong there.
    """
    try:
        return Story.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第 {mark.line + 1} 行" if mark else ""
        raise Invalid(f"{path.name}：{line}不是有效的 YAML。") from None
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(str(part) for part in mistake['loc'])}：{setting_mistake(mistake['type'])}"
            for mistake in error.errors(include_url=False, include_input=False)
        ]
        raise Invalid(f"{path.name}：{'；'.join(mistakes)}") from None
