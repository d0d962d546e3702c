"""How the web processes write what happened: one JSON object a line, never personal data.

Tracebacks are plain: the pretty ones print the values of variables, and those are people.
"""

import structlog


def set_up_logs() -> None:
    """Configure logging for this process; repeating it is harmless."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    )
