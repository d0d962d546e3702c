"""What happens before a test about agencies begins."""

from tests.stage import ALL_ITEMS, APPLICATION, CARD, CHECK, PREREVIEW, RETIREE, Stage


def apply_for_everything(stage: Stage) -> None:
    """Bring a case to its household check; the call waits and nothing is sent yet."""
    stage.start("record_prereview", stage.li, RETIREE)
    stage.submit("enter_prereview", stage.li, PREREVIEW)
    stage.submit("enter_check", stage.li, CHECK)
    stage.start("joint_case", stage.ming, {"name": RETIREE["name"], "id_no": RETIREE["id_no"]})
    stage.submit("choose_items", stage.ming, ALL_ITEMS)
    stage.submit("bank_account", stage.ming, CARD)
    stage.submit("submit_application", stage.ming, APPLICATION)
