"""Starting and finding cases by program."""

from tests.stage import ALL_ITEMS, CHECK, PREREVIEW, RETIREE, Stage
from tests.webapp.api.conftest import As

WHO = {"name": RETIREE["name"], "id_no": RETIREE["id_no"]}


def put_on_record(stage: Stage) -> None:
    stage.start("record_prereview", stage.li, RETIREE)
    stage.submit("enter_prereview", stage.li, PREREVIEW)
    stage.submit("enter_check", stage.li, CHECK)


def test_a_unit_starts_a_case_and_reads_how_it_stands(stage: Stage, signed_in: As) -> None:
    put_on_record(stage)
    unit = signed_in("aming")

    begun = unit.post("cases", {"region": "jilin", "process": "joint_case", "answers": WHO})
    shown = unit.get(begun.json["url"]).json

    assert begun.status_code == 201
    assert begun.headers["Location"] == f"/api/v1/cases/{begun.json['no']}"
    assert shown["case"]["subject"] == "张建国"
    assert [task["element"] for task in shown["tasks"]] == ["choose_items"]
    assert "choose_items" in [e for place in shown["places"] for e in place["current"]]


def test_a_second_case_of_the_same_person_names_the_first(stage: Stage, signed_in: As) -> None:
    put_on_record(stage)
    body = {"region": "jilin", "process": "joint_case", "answers": WHO}
    first = signed_in("aming").post("cases", body)

    again = signed_in("aming").post("cases", body)

    assert (again.status_code, again.json["code"]) == (409, "Conflict")
    assert first.json["no"] in again.json["message"]


def test_wrong_answers_name_their_fields(signed_in: As) -> None:
    body = {"region": "jilin", "process": "record_prereview", "answers": {**RETIREE, "id_no": "1"}}

    answer = signed_in("xiaoli").post("cases", body)

    assert (answer.status_code, answer.json["code"]) == (422, "Invalid")
    assert set(answer.json["errors"]) == {"id_no"}


def test_what_may_not_be_started_is_refused(stage: Stage, signed_in: As) -> None:
    joint = {"region": "jilin", "process": "joint_case", "answers": WHO}
    stage.account("xiaohe", "小何", "staff", roles=("med_clerk",))  # at no window

    assert signed_in("xiaohe").post("cases", joint).status_code == 403
    assert signed_in("aming").post("cases", {**joint, "process": "none"}).status_code == 404
    assert signed_in("aming").post("cases", {**joint, "region": "none"}).status_code == 404


def test_lists_go_on_where_the_page_before_ended(stage: Stage, signed_in: As) -> None:
    put_on_record(stage)
    stage.start("joint_case", stage.ming, WHO)
    clerk = signed_in("xiaoli")

    first = clerk.get("cases", limit=1).json
    second = clerk.get("cases", limit=1, after=first["next"]).json

    assert [row["process"] for row in first["cases"] + second["cases"]] == [
        "joint_case",
        "record_prereview",
    ]
    assert second["next"] is None
    assert clerk.get("cases", after="made up").json == {"cases": [], "next": None}


def test_cases_are_found_by_number_name_and_identity_number(stage: Stage, signed_in: As) -> None:
    no = stage.start("record_prereview", stage.li, RETIREE).no

    li = signed_in("xiaoli")
    for text in (no, no[:10], "张建国", RETIREE["id_no"]):
        found = li.post("cases/search", {"q": text}).json["cases"]
        assert [row["no"] for row in found] == [no]
    for text in (no, no[:10], "张建国"):
        assert [row["no"] for row in li.get("cases", q=text).json["cases"]] == [no]


def test_an_identity_number_must_not_stand_in_an_address(stage: Stage, signed_in: As) -> None:
    stage.start("record_prereview", stage.li, RETIREE)

    answer = signed_in("xiaoli").get("cases", q=RETIREE["id_no"])
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["q"])
    assert RETIREE["id_no"] not in answer.text
    assert signed_in("xiaoli").get("cases", status="closed").json["cases"] == []


def test_a_case_is_shown_to_nobody_else(stage: Stage, signed_in: As) -> None:
    put_on_record(stage)
    no = stage.start("joint_case", stage.ming, WHO).no

    for stranger in ("rival", "laowang"):
        assert signed_in(stranger).get(f"cases/{no}").status_code == 404
        assert signed_in(stranger).get("cases").json["cases"] == []


def test_identity_numbers_are_masked(stage: Stage, signed_in: As) -> None:
    put_on_record(stage)
    no = stage.start("joint_case", stage.ming, WHO).no
    stage.submit("choose_items", stage.ming, ALL_ITEMS)

    shown = signed_in("aming").get(f"cases/{no}")

    facts = {
        (s["section"], f["field"]): f["text"] for s in shown.json["sections"] for f in s["facts"]
    }
    assert facts["person", "name"] == "张建国"
    assert RETIREE["id_no"] not in shown.text
    assert RETIREE["mobile"] not in shown.text
