"""The whole command, run in this process: quicker than a new one, and just as real."""

import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any
from unittest.mock import patch

from webapp.cli import main


@dataclass(frozen=True)
class Result:
    """What a person at the terminal gets."""

    exit_code: Any
    output: str
    error: str


def yijianshi(*arguments: str, environment: Mapping[str, str] | None = None) -> Result:
    """Run ``yijianshi`` with arguments, under an environment of the test's own."""
    out, err, code = StringIO(), StringIO(), None
    with (
        patch.object(sys, "argv", ["yijianshi", *arguments]),
        patch.dict("os.environ", dict(environment or {})),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code
    return Result(code, out.getvalue(), err.getvalue())
