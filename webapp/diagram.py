"""The diagrams of a case, as XML, for the viewer."""

from flask import Blueprint, Response

from engine.queries.case_page import case_page
from webapp.context import actor, runtime

pages = Blueprint("diagram", __name__)


@pages.get("/cases/<no>/diagrams/<process>")
def xml(no: str, process: str) -> Response:
    """The drawing of a process as it was when the case began."""
    pack = case_page(runtime(), no, actor()).release.pack
    return Response(pack.bpmn(process), mimetype="application/xml")
