"""What happens before a test about agencies begins."""

from datetime import date

from tests.stage import ALL_ITEMS, APPLICATION, CARD, CHECK, PREREVIEW, RETIREE, Stage
from webapp.demo import synthetic_id_no

NAMES = ("张建国", "王德福", "李长顺", "赵有田")


def apply_for_everything(stage: Stage, turn: int = 0) -> None:
    """Bring a case to its household check; the call waits and nothing is sent yet.

    Args:
        turn: which of several invented people retires.
    """
    number = synthetic_id_no("220199", date(1966, 11, 20), 2 * turn + 1)
    person = {**RETIREE, "name": NAMES[turn], "id_no": number}
    stage.start("record_prereview", stage.li, person)
    stage.submit("enter_prereview", stage.li, PREREVIEW)
    stage.submit("enter_check", stage.li, CHECK)
    stage.start("joint_case", stage.ming, {"name": person["name"], "id_no": number})
    stage.submit("choose_items", stage.ming, ALL_ITEMS)
    stage.submit("bank_account", stage.ming, {**CARD, "holder": person["name"]})
    stage.submit("submit_application", stage.ming, APPLICATION)
