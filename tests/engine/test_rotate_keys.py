"""After new keys everything reads with them, and nothing with the old ones."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from engine.ciphers import SM4, cipher_of
from engine.commands import rotate_keys as rotating
from engine.commands.rotate_keys import Keys, rotate_keys
from engine.database import key_mark
from engine.errors import CannotStart, Invalid
from engine.file_record import open_file
from engine.models import Account, AccountEvent, CaseSection, DataKey, FileSection, Person, Setting
from engine.people import find_file, record_sections
from engine.queries.audit import audit
from engine.runtime import Runtime
from engine.sealing import Keyring, Unsealable
from tests.conftest import Database
from tests.stage import PREREVIEW, RETIREE, Stage

OLD = Keys(b"m" * 32, b"s" * 32)
NEW = Keys(b"n" * 32, b"t" * 32)


@pytest.fixture
def stage(database: Database) -> Stage:
    stage = Stage(database.engine)
    stage.start("record_prereview", stage.li, RETIREE)
    with stage.runtime.transaction() as session:
        session.add(Setting(key="keys", value=key_mark(OLD.master, OLD.index)))
    return stage


def under(stage: Stage, keys: Keys) -> Runtime:
    return replace(stage.runtime, keyring=Keyring(keys.master, keys.index, keys.cipher))


def reads(runtime: Runtime) -> bool:
    """Whether the person is found and every section can be opened."""
    with runtime.reading() as session:
        if find_file(runtime, session, "jilin", RETIREE["id_no"]) is None:
            return False
        key = runtime.keyring.unwrap(session.scalars(select(DataKey.wrapped)).first())
        (person,) = session.scalars(select(Person))
        assert key.open_text(person.id_no_sealed) == RETIREE["id_no"]
        sections = session.scalars(select(CaseSection)).all()
        return bool([key.open_json(bytes(one.content_sealed)) for one in sections])


def test_everything_reads_with_the_new_keys_and_nothing_with_the_old(stage: Stage) -> None:
    assert reads(under(stage, OLD))
    done = rotate_keys(stage.runtime.sessions, OLD, NEW)
    assert (done.wrapped, done.indexed) == (1, 1)
    assert reads(under(stage, NEW))
    assert not reads(under(stage, OLD))
    with stage.runtime.reading() as session, pytest.raises(Unsealable):
        stage.runtime.keyring.unwrap(session.scalars(select(DataKey.wrapped)).one())
    assert audit(under(stage, NEW)) == []


def test_an_interrupted_rotation_goes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(rotating, "_index", power_cut)
        rotate_keys(stage.runtime.sessions, OLD, NEW)
    done = rotate_keys(stage.runtime.sessions, OLD, NEW)
    assert (done.wrapped, done.indexed) == (0, 1)
    assert reads(under(stage, NEW))


def test_the_cipher_is_changed_with_the_keys_or_without_and_the_old_is_still_read(
    stage: Stage,
) -> None:
    for keys, before in (
        (replace(OLD, cipher=SM4), OLD),
        (NEW, OLD),
        (replace(NEW, cipher=SM4), NEW),
    ):
        done = rotate_keys(stage.runtime.sessions, before, keys)
        assert done.wrapped == 1
        with stage.runtime.reading() as session:
            (wrapped,) = session.scalars(select(DataKey.wrapped))
        assert cipher_of(wrapped) == keys.cipher
        assert reads(under(stage, keys))
        assert rotate_keys(stage.runtime.sessions, keys, keys).wrapped == 0
    sm4 = under(stage, replace(NEW, cipher=SM4))
    with sm4.transaction() as session:
        file, _ = find_file(sm4, session, "jilin", RETIREE["id_no"]) or (None, None)
        assert file is not None
        record_sections(sm4, session, file, {"prereview": PREREVIEW}, "x")
        newest = session.scalars(select(FileSection).order_by(FileSection.version.desc())).first()
        assert newest is not None and cipher_of(bytes(newest.content_sealed)) == SM4
        assert open_file(under(stage, NEW), session, file)["prereview"] == PREREVIEW
    assert audit(under(stage, NEW)) == []


def test_what_was_erased_stays_erased(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        session.execute(update(DataKey).values(wrapped=None))
    assert rotate_keys(stage.runtime.sessions, OLD, NEW).wrapped == 0


def test_other_keys_than_the_databases_change_nothing(stage: Stage) -> None:
    with pytest.raises(CannotStart, match="没有作任何改动"):
        rotate_keys(stage.runtime.sessions, NEW, OLD)
    assert reads(under(stage, OLD))


def test_an_operator_who_could_no_longer_be_found_stops_it(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "aming")).one()
        account.identity_index = stage.runtime.keyring.index("nobody on record")
    with pytest.raises(Invalid, match="阿明（吉林省示范机械有限公司）"):
        rotate_keys(stage.runtime.sessions, OLD, NEW)
    assert reads(under(stage, OLD))
    halfway = Keys(NEW.master, OLD.index)
    assert rotate_keys(stage.runtime.sessions, OLD, halfway).forgotten == ()
    done = rotate_keys(stage.runtime.sessions, halfway, NEW, drop_unknown=True)
    assert done.forgotten == ("阿明（吉林省示范机械有限公司）",)
    with stage.runtime.reading() as session:
        account = session.scalars(select(Account).where(Account.login == "aming")).one()
        assert account.identity_index is None and account.active
        assert [one.kind for one in session.scalars(select(AccountEvent))] == ["forgotten"]
    assert reads(under(stage, NEW))


def test_an_operator_who_is_on_record_is_found_under_the_new_key(stage: Stage) -> None:
    with stage.runtime.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "aming")).one()
        account.identity_index = stage.runtime.keyring.index(RETIREE["id_no"])
    assert rotate_keys(stage.runtime.sessions, OLD, NEW).forgotten == ()
    fresh = under(stage, NEW).keyring.index(RETIREE["id_no"])
    with stage.runtime.reading() as session:
        account = session.scalars(select(Account).where(Account.login == "aming")).one()
        assert account.identity_index == fresh
