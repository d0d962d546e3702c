"""The ciphers personal data can be sealed with: AES-256-GCM, or SM4-GCM (GB/T 32907) by setting.

What is sealed begins with a tag that says with which, so that both can be opened whatever the
setting says today. The tag is authenticated with the content.
"""

import os
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher as Machine
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import CannotStart

NONCE, PROOF = 12, 16


class Cipher(Protocol):
    """Encrypts with a secret of 32 bytes and a nonce that is used once."""

    def encrypt(self, secret: bytes, nonce: bytes, content: bytes, tag: bytes) -> bytes:
        """Return the ciphertext with its proof at the end; ``tag`` is proved, too."""
        ...

    def decrypt(self, secret: bytes, nonce: bytes, sealed: bytes, tag: bytes) -> bytes:
        """Return the content; raise ``InvalidTag`` when anything was changed."""
        ...


class Aes:
    """AES-256-GCM."""

    def encrypt(self, secret: bytes, nonce: bytes, content: bytes, tag: bytes) -> bytes:
        """See ``Cipher``."""
        return AESGCM(secret).encrypt(nonce, content, tag)

    def decrypt(self, secret: bytes, nonce: bytes, sealed: bytes, tag: bytes) -> bytes:
        """See ``Cipher``."""
        return AESGCM(secret).decrypt(nonce, sealed, tag)


class Sm4:
    """SM4-GCM. Its key has 128 bits, worked out from the secret: none serves two ciphers."""

    def encrypt(self, secret: bytes, nonce: bytes, content: bytes, tag: bytes) -> bytes:
        """See ``Cipher``."""
        machine = Machine(algorithms.SM4(self._key(secret)), modes.GCM(nonce)).encryptor()
        machine.authenticate_additional_data(tag)
        return machine.update(content) + machine.finalize() + machine.tag

    def decrypt(self, secret: bytes, nonce: bytes, sealed: bytes, tag: bytes) -> bytes:
        """See ``Cipher``."""
        content, proof = sealed[:-PROOF], sealed[-PROOF:]
        if len(proof) < PROOF:
            raise InvalidTag
        mode = modes.GCM(nonce, proof)
        machine = Machine(algorithms.SM4(self._key(secret)), mode).decryptor()
        machine.authenticate_additional_data(tag)
        return machine.update(content) + machine.finalize()

    def _key(self, secret: bytes) -> bytes:
        worked_out = hmac.HMAC(secret, hashes.SM3())
        worked_out.update(b"yijianshi sm4-gcm")
        return worked_out.finalize()[:16]


AES, SM4 = "aes-256-gcm", "sm4-gcm"
CIPHERS: Mapping[str, tuple[bytes, Cipher]] = {AES: (b"YJ\0\1", Aes()), SM4: (b"YJ\0\2", Sm4())}
_BY_TAG = {tag: (name, cipher) for name, (tag, cipher) in CIPHERS.items()}
_TAG = 4


def encrypt(name: str, secret: bytes, content: bytes) -> bytes:
    """Return tag, nonce and ciphertext.

    Args:
        name: a key of ``CIPHERS``.
        secret: 32 bytes.
    """
    tag, cipher = CIPHERS[name]
    nonce = os.urandom(NONCE)
    return tag + nonce + cipher.encrypt(secret, nonce, content, tag)


def decrypt(secret: bytes, sealed: bytes) -> bytes:
    """Return what was encrypted; raise ``InvalidTag`` for another key, or when it was changed."""
    tag, rest = sealed[:_TAG], sealed[_TAG:]
    if tag in _BY_TAG and len(rest) > NONCE:
        try:
            return _BY_TAG[tag][1].decrypt(secret, rest[:NONCE], rest[NONCE:], tag)
        except InvalidTag:
            pass  # or the nonce of something without a tag happens to begin like this
    # from before there were tags
    return AESGCM(secret).decrypt(sealed[:NONCE], sealed[NONCE:], None)


def cipher_of(sealed: bytes) -> str:
    """With which cipher something was sealed, by its tag; empty: it has none (AES of before)."""
    return _BY_TAG[sealed[:_TAG]][0] if sealed[:_TAG] in _BY_TAG else ""


def require_cipher(name: str) -> None:
    """Make sure that this machine's OpenSSL knows a cipher.

    Raises:
        CannotStart: it does not (SM4-GCM: before 3.1); do not retry.
    """
    try:
        encrypt(name, bytes(32), b"")
    except UnsupportedAlgorithm:
        raise CannotStart(
            f"本机的加密库不支持 {name}，请改用 {AES} 或升级 OpenSSL。（no {name} here）"
        ) from None
