"""批量办理: the part of a form that is the same for many people.

A form says ``x-bulk: true`` when one decision may be given to several tasks at once. What is read
from each case (``readOnly``) is left out here; it and every rule are looked at when each task is
submitted by itself.
"""

from dataclasses import replace

from engine.forms.schema import Form


def in_bulk(form: Form) -> bool:
    """Whether tasks with this form may be done many at a time."""
    return form.schema.get("x-bulk") is True


def common_part(form: Form) -> Form:
    """The form without what each case says by itself, and without the rules that ask for it."""
    schema = {word: said for word, said in form.inlined.items() if word != "x-rule"}
    fields = schema.get("properties", {})
    common = {key: field for key, field in fields.items() if not field.get("readOnly")}
    required = [key for key in schema.get("required", ()) if key not in fields or key in common]
    ui = {word: said for word, said in form.ui.items() if word != "ui:advice"}
    return replace(form, schema={**schema, "properties": common, "required": required}, ui=ui)
