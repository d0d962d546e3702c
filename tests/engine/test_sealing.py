"""Sealing: both ciphers, what was sealed before there were tags, and that it cannot be changed."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.ciphers import AES, CIPHERS, SM4, cipher_of
from engine.sealing import Keyring, SealingKey, Unsealable

SECRET = bytes(range(32))
WORDS = "张建国 的养老金核定表".encode()


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("content", [b"", b"x", WORDS, os.urandom(100_000)])
def test_what_was_sealed_is_opened_whatever_is_set_today(cipher: str, content: bytes) -> None:
    sealed = SealingKey(SECRET, cipher).seal(content)
    assert cipher_of(sealed) == cipher
    assert len(content) < 2 or content not in sealed
    for today in CIPHERS:
        assert SealingKey(SECRET, today).open(sealed) == content
    assert SealingKey(SECRET, cipher).seal(content) != sealed


@pytest.mark.parametrize("cipher", CIPHERS)
def test_nothing_of_it_can_be_changed_cut_off_or_said_to_be_of_the_other_cipher(
    cipher: str,
) -> None:
    key = SealingKey(SECRET, cipher)
    sealed = key.seal(WORDS)
    changed = [bytes([*sealed[:n], sealed[n] ^ 1, *sealed[n + 1 :]]) for n in range(len(sealed))]
    cut = [sealed[:n] for n in range(len(sealed))] + [sealed[n:] for n in range(1, len(sealed))]
    (other,) = {tag for tag, _ in CIPHERS.values()} - {sealed[:4]}
    for one in [*changed, *cut, other + sealed[4:], sealed + b"x", sealed[4:], b""]:
        with pytest.raises(Unsealable):
            key.open(one)
    with pytest.raises(Unsealable):
        SealingKey(bytes(32), cipher).open(sealed)


def test_what_was_sealed_before_there_were_tags_is_opened() -> None:
    """Also when its nonce happens to begin like a tag."""
    for nonce in (bytes(12), b"YJ\0\1" + bytes(8), b"YJ\0\2" + bytes(8)):
        sealed = nonce + AESGCM(SECRET).encrypt(nonce, WORDS, None)
        assert SealingKey(SECRET, SM4).open(sealed) == WORDS


def test_sm4_is_the_cipher_of_gb_t_32907() -> None:
    """Its key schedule and rounds, by the example of the standard's annex."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    machine = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()  # noqa: S305
    assert machine.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_a_ring_seals_with_the_cipher_it_was_given_and_opens_keys_of_the_other() -> None:
    aes, sm4 = Keyring(SECRET, SECRET), Keyring(SECRET, SECRET, SM4)
    key, wrapped = aes.new_key()
    assert cipher_of(wrapped) == AES
    later = sm4.unwrap(wrapped)
    assert later.open(key.seal(WORDS)) == WORDS
    sealed = later.seal(WORDS)
    assert cipher_of(sealed) == SM4 and aes.unwrap(wrapped).open(sealed) == WORDS
    assert cipher_of(sm4.new_key()[1]) == SM4
