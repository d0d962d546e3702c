"""统一身份认证平台与门户（模拟）: an OpenID Connect provider, a portal, and a face-recognition app.

A real provider over HTTP: discovery, keys, authorization page, token and userinfo end points.
Where a telephone would be held before the screen, a button chooses one of the invented people.
"""

from handlers.sandbox.platform.register import Enterprise, Register, Resident
from handlers.sandbox.platform.views import platform

__all__ = ["Enterprise", "Register", "Resident", "platform"]
