"""Handing a file of a service call to the agency that was asked."""

from uuid import UUID

from engine.call_files import CallFile, content_of, files_of_call
from engine.errors import NotFound
from engine.open_case import OpenCase
from engine.runtime import Runtime
from engine.scope import beyond


def hand_to_agency(runtime: Runtime, call_id: UUID, file_id: UUID) -> tuple[CallFile, bytes]:
    """Return a file that goes with a call, and note that the agency fetched it.

    The caller has checked that it is the agency that asks.

    Raises:
        NotFound: no such call, or the file does not go with it.
    """
    with runtime.transaction() as session:
        with beyond(session):  # an agency names its call and has come in by no account
            case, call = OpenCase.lock_with_call(runtime, session, call_id)
        files = files_of_call(session, case.release.pack, case.case, call, case.key)
        file = next((one for one in files if one.id == file_id), None)
        if file is None:
            raise NotFound("该请求没有这个文件。")
        agency = case.config.agencies.get(call.agency)
        title = agency.title if agency else call.agency
        case.note("file_fetched", f"{title}取走文件：{file.name}"[:200], item=call.item)
        case.save_history()
        return file, content_of(session, file, case.key)
