"""统计督办: pages for watching over the work: figures, the lists behind them, the board."""

from flask import Blueprint, Flask

from webapp.statistics import board, page

pages = Blueprint("statistics", __name__)


def register_statistics(app: Flask) -> None:
    """Add the pages; the engine decides who may see what."""
    app.register_blueprint(pages)


page.add_to(pages)
board.add_to(pages)
