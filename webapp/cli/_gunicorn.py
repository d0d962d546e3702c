"""Serving a Flask application with gunicorn, configured here and nowhere else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class HttpServer(BaseApplication):
    """A gunicorn that builds its application in each of its worker processes.

    Args:
        make_app: called after the fork, so that no connection is shared between processes.
        port: on 127.0.0.1; a reverse proxy stands in front where others are to reach it.
        processes: how many worker processes; each answers up to eight requests at a time.
    """

    def __init__(self, make_app: Callable[[], Flask], port: int, processes: int) -> None:
        self._make_app = make_app
        self._settings = {
            "bind": f"127.0.0.1:{port}",
            "workers": processes,
            "worker_class": "gthread",
            "threads": 8,
            "timeout": 60,
            "graceful_timeout": 15,
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
        }
        super().__init__()

    def load_config(self) -> None:
        """Take our settings and no others: no configuration file, no command line."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application; called once in each worker process."""
        return self._make_app()


def process_count() -> int:
    """How many web processes suit this machine; ``WEB_CONCURRENCY`` overrides it."""
    return int(os.environ.get("WEB_CONCURRENCY") or min(4, max(2, os.cpu_count() or 2)))
