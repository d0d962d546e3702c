"""Sealing personal data: under one key per person, and keyed hashes for exact search.

Every person (or person-less case) has a data key. It is stored wrapped under the installation's
master key; destroying the wrapped key makes all that was sealed under it unreadable for ever.
"""

import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag

from engine.ciphers import AES, decrypt, encrypt
from engine.errors import EngineError

#: Bytes of a secret.
SECRET = 32


class Unsealable(EngineError):
    """The data was erased, or was sealed under another master key."""

    default = "该人员的数据已按规定销毁，无法查看。"


@dataclass(frozen=True)
class SealingKey:
    """The key of one person or case, unwrapped for the length of a command.

    ``cipher`` is what it seals with; it opens what was sealed with any.
    """

    secret: bytes
    cipher: str = AES

    def seal(self, content: bytes) -> bytes:
        """Return the ciphertext of ``content``."""
        return encrypt(self.cipher, self.secret, content)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed; raise ``Unsealable`` when this is not its key."""
        try:
            return decrypt(self.secret, sealed)
        except (InvalidTag, ValueError):  # ValueError: too short to be anything
            raise Unsealable from None

    def seal_json(self, content: Any) -> bytes:
        """Seal a JSON value."""
        return self.seal(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())

    def open_json(self, sealed: bytes) -> Any:
        """Open a sealed JSON value."""
        return json.loads(self.open(sealed))

    def seal_text(self, content: str) -> bytes:
        """Seal a text."""
        return self.seal(content.encode())

    def open_text(self, sealed: bytes) -> str:
        """Open a sealed text."""
        return self.open(sealed).decode()


#: Stands where a destroyed key was: it opens nothing, for it is made anew with every start.
NO_KEY = SealingKey(os.urandom(SECRET))


class Keyring:
    """The installation's master key and search key, and the cipher it seals with."""

    def __init__(self, master: bytes, search: bytes, cipher: str = AES) -> None:
        self._master = SealingKey(master, cipher)
        self._search, self._cipher = search, cipher

    def new_key(self) -> tuple[SealingKey, bytes]:
        """Make a data key; return it and its wrapped form for the ``data_key`` table."""
        secret = os.urandom(SECRET)
        return SealingKey(secret, self._cipher), self._master.seal(secret)

    def unwrap(self, wrapped: bytes | None) -> SealingKey:
        """Return the data key; ``None`` (destroyed) raises ``Unsealable``."""
        if wrapped is None:
            raise Unsealable
        return SealingKey(self._master.open(wrapped), self._cipher)

    def index(self, text: str) -> bytes:
        """Return the blind index of a normalised value: equal values, equal bytes."""
        return hmac.new(self._search, text.encode(), sha256).digest()


def digest(content: Mapping[str, Any]) -> bytes:
    """Hash of a JSON object that does not depend on the order of its keys."""
    return sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).digest()
