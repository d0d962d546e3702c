"""What a rule says about one thing, in words a clerk can repeat to the person at the window."""

from dataclasses import dataclass
from typing import Literal

#: ``fine``: the rule is kept. ``refused``: the law leaves no choice. ``person``: somebody decides.
Result = Literal["fine", "refused", "person"]


@dataclass(frozen=True)
class Verdict:
    """One check and how it came out.

    Args:
        subject: the fact that was looked at: ``birth``, ``chosen``, ``months``, ``special`` …
        result: see ``Result``.
        message: the finding, in Chinese, ready to be read.
        law: the provision it rests on.
    """

    subject: str
    result: Result
    message: str
    law: str


def fine(subject: str, message: str, law: str) -> Verdict:
    """The rule is kept."""
    return Verdict(subject, "fine", message, law)


def refused(subject: str, message: str, law: str) -> Verdict:
    """The law leaves no choice."""
    return Verdict(subject, "refused", message, law)


def person(subject: str, message: str, law: str) -> Verdict:
    """The rule does not settle it: somebody decides."""
    return Verdict(subject, "person", message, law)
