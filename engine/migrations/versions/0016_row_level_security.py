"""Row-level security: the application role sees the rows of its scope and no others.

Revision ID: 0016
"""

from collections.abc import Mapping

from alembic import context, op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: What a connection was told (``engine.scope``); nothing, if it never was.
FUNCTIONS = """
create function scope_everything() returns boolean stable parallel safe language sql
  as $$ select coalesce(current_setting('app.everything', true), '') = 'on' $$;
create function scope_people() returns boolean stable parallel safe language sql
  as $$ select coalesce(current_setting('app.people', true), '') = 'on' $$;
create function scope_regions() returns text[] stable parallel safe language sql
  as $$ select nullif(current_setting('app.regions', true), '')::text[] $$;
create function scope_units() returns uuid[] stable parallel safe language sql
  as $$ select nullif(current_setting('app.units', true), '')::uuid[] $$;
create function scope_files() returns uuid[] stable parallel safe language sql
  as $$ select nullif(current_setting('app.files', true), '')::uuid[] $$;
create function scope_account() returns uuid stable parallel safe language sql
  as $$ select nullif(current_setting('app.account', true), '')::uuid $$;
create function scope_request() returns text stable parallel safe language sql
  as $$ select nullif(current_setting('app.request', true), '') $$;
create function scope_call() returns uuid stable parallel safe language sql
  as $$ select nullif(current_setting('app.call', true), '')::uuid $$;
-- asked to find out who somebody is, before it is known what they may see
create function own_files(person uuid) returns setof uuid stable security definer language sql
  set search_path = public, pg_temp
  as $$ select id from person_file where person_id = person $$;
"""

REGION = "region = any ((select scope_regions())::text[])"
UNIT = "unit_id = any ((select scope_units())::uuid[])"
FILE = "file_id = any ((select scope_files())::uuid[])"


def _among(table: str, column: str, of: str) -> str:
    return f"exists (select 1 from {of} o where o.id = {table}.{column})"  # noqa: S608


def _of_case(table: str, column: str = "case_id") -> str:
    return _among(table, column, "case_")


_MEMBER = f"{_of_case('member', 'batch_id')} or {_among('member', 'file_id', 'person_file')}"
_RECORD = _among("file_section", "file_id", "person_file")
_DRAWN = "exists (select 1 from case_ o where o.file_id = file_section.file_id)"
_FILED = _among("attachment", "file_id", "person_file")
_ISSUED = _among("document", "file_id", "person_file")

#: Table → which rows a scope holds, besides ``scope_everything``. What hangs on something is seen
#: with it: its own policies are asked in turn.
POLICIES: Mapping[str, str] = {
    "case_": f"{REGION} or {UNIT} or {FILE} or no = (select scope_request())",
    "work_item": f"{REGION} or {UNIT} or {FILE} or case_no = (select scope_request())",
    "person_file": f"{REGION} or {UNIT} or custodian_id = any ((select scope_units())::uuid[])"
    " or id = any ((select scope_files())::uuid[])",
    "person": "(select scope_people())"
    " or exists (select 1 from person_file o where o.person_id = person.id)",
    "service_call": f"{REGION} or id = (select scope_call()) or {_of_case('service_call')}",
    "case_state": _of_case("case_state"),
    "case_section": _of_case("case_section"),
    "case_event": _of_case("case_event"),
    "item": _of_case("item"),
    "incident": _of_case("incident"),
    "notice": _of_case("notice"),
    "member": _MEMBER,
    "attachment": f"account_id = (select scope_account()) or {_of_case('attachment')} or {_FILED}",
    "document": f"{_of_case('document')} or {_ISSUED}",
    "draft": _among("draft", "work_item_id", "work_item"),
    # also to whoever has a case of the person that draws on it, though the file went elsewhere
    "file_section": f"{_RECORD} or {_DRAWN}",
    "service_attempt": _among("service_attempt", "call_id", "service_call"),
    "feedback": _among("feedback", "call_id", "service_call"),
    "letter": REGION,
    "exchange": REGION,
    "exchange_line": _among("exchange_line", "exchange_id", "exchange"),
    "upload": f"{REGION} or uploaded_by = (select scope_account())",
    "upload_row": _among("upload_row", "upload_id", "upload"),
    "export": REGION,
    "export_event": REGION,
}


def upgrade() -> None:
    """The owner, who migrates, is not bound; the application role always is."""
    role = context.config.attributes["application_role"]
    quoted = op.get_bind().dialect.identifier_preparer.quote(role)
    op.execute(FUNCTIONS)
    op.execute("revoke execute on function own_files(uuid) from public")
    op.execute(f"grant execute on function own_files(uuid) to {quoted}")
    for table, rows in POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy scope on {table} to {quoted}"
            f" using ((select scope_everything()) or {rows})"
            f" with check ((select scope_everything()) or {rows})"
        )
