"""Business rule tasks: asked of our own tables, by a script the library runs as any other.

The library's engine for decisions is not used: it takes the first row of a unique table without
looking at the others, and treats policies it does not know as if they were that.
"""

from collections.abc import Mapping

from lxml import etree

from engine.decisions.table import Table
from engine.packs.diagram import MODEL, called_decision

_TASK, _SCRIPT_TASK = f"{{{MODEL}}}businessRuleTask", f"{{{MODEL}}}scriptTask"


def ask_tables(root: etree._Element, tables: Mapping[str, Table]) -> None:
    """Make each business rule task of a document a script task that assigns the outputs."""
    for task in root.iter(_TASK):
        table = tables.get(called_decision(task) or "")
        if table is None:
            continue  # the library refuses it, and ``check`` says why
        task.tag = _SCRIPT_TASK
        script = etree.SubElement(task, f"{{{MODEL}}}script")
        script.text = table.script
