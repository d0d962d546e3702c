"""The platform's signing keys: one RSA, one of an elliptic curve, kept in a file of its own."""

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey


class Keys:
    """Signs tokens; made once and kept, so that a restart does not sign everybody out.

    Args:
        folder: where ``platform_keys.json`` is kept, readable by its owner only.
        algorithm: ``RS256`` or ``ES256``, which of both keys signs.
    """

    def __init__(self, folder: Path, algorithm: str = "RS256") -> None:
        self.algorithm = algorithm
        self._file = folder / "platform_keys.json"

    @cached_property
    def _keys(self) -> KeySet:
        """Made when first asked for: it takes a moment."""
        if self._file.exists():
            return KeySet.import_key_set(json.loads(self._file.read_text()))
        rsa = RSAKey.generate_key(2048, {"use": "sig", "kid": "rsa-1"})
        curve = ECKey.generate_key("P-256", {"use": "sig", "kid": "ec-1"})
        keys = KeySet([rsa, curve])
        with os.fdopen(os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as kept:
            kept.write(json.dumps(keys.as_dict(private=True)))
        return keys

    def public(self) -> dict[str, Any]:
        """What anybody may know."""
        return dict(self._keys.as_dict(private=False))

    def sign(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        """A signed token."""
        kid = "rsa-1" if self.algorithm == "RS256" else "ec-1"
        header = {"alg": self.algorithm, "kid": kid, "typ": kind}
        return jwt.encode(header, claims, self._keys.get_by_kid(kid))
