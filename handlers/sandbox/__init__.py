"""部门模拟系统: a real HTTP service that plays every agency, well and badly.

It takes what the ``api`` adapter sends, keeps it in a file of its own, answers as it was told to
and sends signed feedback. Its page shows what arrived and lets a person answer. It is a separate
program on purpose: the wire between it and us is the real one.
"""

from handlers.sandbox.app import create_app
from handlers.sandbox.behaviours import Behaviour
from handlers.sandbox.office import Office

__all__ = ["Behaviour", "Office", "create_app"]
