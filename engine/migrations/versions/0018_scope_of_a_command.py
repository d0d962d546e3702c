"""A command sees the case it holds, and what hangs on it; applicants' see no other.

Revision ID: 0018
"""

from collections.abc import Mapping

from alembic import context, op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FUNCTION = """
create function scope_case() returns uuid stable parallel safe language sql
  as $$ select nullif(current_setting('app.case', true), '')::uuid $$;
"""

REGION = "region = any ((select scope_regions())::text[])"
UNIT = "unit_id = any ((select scope_units())::uuid[])"
FILE = "file_id = any ((select scope_files())::uuid[])"

OF_CASE = "select o.file_id from case_ o where o.id = (select scope_case())"

#: As in 0016, and the case a command holds: its row, its tasks, the file of its person. What hangs
#: on these follows them by its own policy.
POLICIES: Mapping[str, str] = {
    "case_": f"{REGION} or {UNIT} or {FILE} or no = (select scope_request())"
    " or id = (select scope_case())",
    "work_item": f"{REGION} or {UNIT} or {FILE} or case_no = (select scope_request())"
    " or case_id = (select scope_case())",
    "person_file": f"{REGION} or {UNIT} or custodian_id = any ((select scope_units())::uuid[])"
    " or id = any ((select scope_files())::uuid[])"
    f" or id = ({OF_CASE})",
}
#: What an applicant's step may write but nobody of them reads: a letter to a department.
LETTER = f"{REGION} or case_id = (select scope_case())"


def upgrade() -> None:
    """The application role is bound by them, the owner is not."""
    role = context.config.attributes["application_role"]
    quoted = op.get_bind().dialect.identifier_preparer.quote(role)
    op.execute(FUNCTION)
    for table, rows in POLICIES.items():
        condition = f"((select scope_everything()) or {rows})"
        op.execute(f"drop policy scope on {table}")
        op.execute(
            f"create policy scope on {table} to {quoted} using {condition} with check {condition}"
        )
    op.execute(f"alter policy scope on letter with check ((select scope_everything()) or {LETTER})")
