"""Sealing personal data: AES-256-GCM under one key per person, and keyed hashes for exact search.

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
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import EngineError

NONCE = 12


class Unsealable(EngineError):
    """The data was erased, or was sealed under another master key."""

    default = "该人员的数据已按规定销毁，无法查看。"


@dataclass(frozen=True)
class SealingKey:
    """The key of one person or case, unwrapped for the length of a command."""

    secret: bytes

    def seal(self, content: bytes) -> bytes:
        """Return nonce and ciphertext of ``content``."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.secret).encrypt(nonce, content, None)

    def open(self, sealed: bytes) -> bytes:
        """Return what was sealed; raise ``Unsealable`` when this is not its key."""
        try:
            return AESGCM(self.secret).decrypt(sealed[:NONCE], sealed[NONCE:], None)
        except InvalidTag:
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
NO_KEY = SealingKey(AESGCM.generate_key(256))


class Keyring:
    """The installation's master key and search key."""

    def __init__(self, master: bytes, search: bytes) -> None:
        self._master = SealingKey(master)
        self._search = search

    def new_key(self) -> tuple[SealingKey, bytes]:
        """Make a data key; return it and its wrapped form for the ``data_key`` table."""
        secret = AESGCM.generate_key(256)
        return SealingKey(secret), self._master.seal(secret)

    def unwrap(self, wrapped: bytes | None) -> SealingKey:
        """Return the data key; ``None`` (destroyed) raises ``Unsealable``."""
        if wrapped is None:
            raise Unsealable
        return SealingKey(self._master.open(wrapped))

    def index(self, text: str) -> bytes:
        """Return the blind index of a normalised value: equal values, equal bytes."""
        return hmac.new(self._search, text.encode(), sha256).digest()


def digest(content: Mapping[str, Any]) -> bytes:
    """Hash of a JSON object that does not depend on the order of its keys."""
    return sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).digest()
