"""Coverage-guided fuzzing of the parsers, by hand: ``python -m tests.fuzz.coverage_guided``.

Atheris watches which branches an input reaches and works its way in, where Hypothesis only guesses.
Each target reads what strangers send; anything it raises but our own errors is a finding, written
to ``crash-…`` in the current folder. Each target runs in a process of its own, one after another.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from uuid import UUID

REQUEST = UUID("01890000-0000-7000-8000-000000000001")
TARGETS = (
    *("attachment", "calendar", "decision", "diagram"),
    *("expression", "notice", "reply", "table"),
)


def _reader(target: str) -> Callable[[bytes], object]:
    """The parser of a target; imported here, where atheris watches."""
    from jinja2 import TemplateError  # noqa: PLC0415

    import handlers  # noqa: F401, PLC0415 - registers the operations
    from engine.calendar_sheet import read_calendar_file  # noqa: PLC0415
    from engine.decisions.reading import read_table  # noqa: PLC0415
    from engine.expressions import evaluate  # noqa: PLC0415
    from engine.media import recognise  # noqa: PLC0415
    from engine.operations import operations  # noqa: PLC0415
    from engine.packs.diagram import read_processes, read_xml  # noqa: PLC0415
    from engine.sheets import read_tables  # noqa: PLC0415
    from engine.template_language import TemplateLanguage  # noqa: PLC0415
    from handlers.envelope import read_reply  # noqa: PLC0415

    names = {"fund": {"action": "withdraw", "amount": 5}, "rounds": 2}
    functions = {"today": lambda: "2027-05-20"}

    def text(content: bytes) -> str:
        return content.decode("utf-8", "surrogateescape")

    def notice(content: bytes) -> None:
        language = TemplateLanguage(escaped=False)
        try:
            language.from_string(text(content)).render(names)
        except (TemplateError, TypeError):  # adding a number to a text: an incident
            return

    return {
        "attachment": recognise,
        "calendar": lambda c: read_calendar_file("x.csv", c, title="通知", source=""),
        "decision": lambda c: read_table("x.dmn", c),
        "diagram": lambda c: read_processes("x.bpmn", read_xml("x.bpmn", c)),
        "expression": lambda c: evaluate(text(c), names, functions),
        "notice": notice,
        "reply": lambda c: read_reply(c, operations.get("medical/retire"), REQUEST),
        "table": read_tables,
    }[target]


def _run(target: str, seconds: int) -> None:
    import atheris  # noqa: PLC0415 - an extra of its own, see pyproject.toml

    with atheris.instrument_imports(include=["engine", "handlers", "jinja2", "zipfile"]):
        read = _reader(target)
        from engine.errors import EngineError  # noqa: PLC0415

    def one(content: bytes) -> None:
        try:
            read(content)
        except EngineError:
            return

    limits = [f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=20"]
    atheris.Setup([sys.argv[0], *limits], one)
    atheris.Fuzz()


def main() -> int:
    """Run one target, or all of them one after another; 1 if anything was found."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=int, default=80)
    asked.add_argument("--target", choices=TARGETS)
    options = asked.parse_args()
    if options.target:
        _run(options.target, options.seconds)
        return 0
    each = str(max(1, options.seconds // len(TARGETS)))
    command = [sys.executable, "-m", "tests.fuzz.coverage_guided", "--seconds", each, "--target"]
    found = [t for t in TARGETS if subprocess.run([*command, t], check=False).returncode]
    print(f"found something in: {', '.join(found)}" if found else "found nothing")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
