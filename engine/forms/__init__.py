"""Forms (表单): what is asked, what was answered, and whether the answer is good.

A form is a JSON Schema (2020-12) with a ui schema beside it. The schema alone decides: what is
shown is what is validated, on the server, by one validator, with or without JavaScript.

- ``parse``    what a browser posted → answers
- ``clean``    answers (from anywhere) → what is stored, or ``Invalid`` naming every field
- ``prefill``  what the case knows already → answers to begin with
- ``layout``   answers → the fields to show, print, or point to
- ``advice``   what the national rules say about answers, beside the form
- ``check_schema``  mistakes of a form's author

Besides JSON Schema a field may say: ``x-prefill`` ("section.field": where its first value comes
from), ``readOnly`` (the value of ``x-prefill`` counts, whatever a client sends), ``x-equals``
("section.field" or a field beside it: must be the same), ``x-rows`` (a list has exactly the rows
of this fact, named by ``code``), ``x-options`` (the choices are the region's offices of a kind;
``engine/packs/options.py``), ``x-from``, ``x-until``, ``x-ended`` (beside an option: offered for a
time only; ``choices``), ``x-sensitive`` (masked when shown),
``x-errors`` (own message by keyword), ``x-clauses`` (clause ids it fulfils). Formats: ``date``,
``cn-ric``, ``cn-uscc``, ``cn-mobile``, ``cn-bank-card``, ``file`` (id of an attachment; an array of
them takes several) and, for integers, ``fen`` (typed in yuan). A form may say ``x-rule``: a
national rule that refuses what the law refuses outright, see ``rules``, and ``x-bulk``: tasks
with it may be done many at a time, see ``bulk``.
"""

from engine.forms.answers import Submitted, clean, parse, prefill
from engine.forms.bulk import common_part, in_bulk
from engine.forms.checking import check_schema
from engine.forms.layout import Field, file_ids, layout, walk
from engine.forms.rules import advice
from engine.forms.schema import Form, declared, effective
from engine.forms.validation import unprintable, validate

__all__ = [
    "Field",
    "Form",
    "Submitted",
    "advice",
    "check_schema",
    "clean",
    "common_part",
    "declared",
    "effective",
    "file_ids",
    "in_bulk",
    "layout",
    "parse",
    "prefill",
    "unprintable",
    "validate",
    "walk",
]
