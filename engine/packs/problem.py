"""A mistake in a region pack, told to a designer."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake and where it is.

    Args:
        file: path inside the pack's root, e.g. ``processes/jilin/joint_case.bpmn``.
        element: id of the diagram element, or dotted path inside a TOML or JSON file; may be empty.
        code: stable word for programs, e.g. ``flow-condition``.
        message: what is wrong and how to mend it, in Chinese.
    """

    file: str
    element: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.element or '-'}: {self.message}"
