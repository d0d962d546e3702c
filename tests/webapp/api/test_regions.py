"""What a program learns about regions, processes, releases and forms."""

from tests.stage import Stage
from tests.webapp.api.conftest import As


def test_regions_come_with_their_items_and_policies(signed_in: As) -> None:
    [jilin] = signed_in("aming").get("regions").json["regions"]

    assert jilin["code"] == "jilin"
    assert {item["code"] for item in jilin["items"]} == {"pension", "medical", "fund"}
    assert jilin["policies"][0]["number"]


def test_processes_say_who_may_start_them(signed_in: As) -> None:
    def startable(login: str) -> set[str]:
        found = signed_in(login).get("processes", region="jilin").json["processes"]
        return {process["id"] for process in found if process["startable"]}

    assert startable("aming") == {"joint_case", "prereview", "fund_reentry"}
    assert startable("xiaoli") == {"record_prereview", "joint_case"}  # JL-053: at the window
    assert startable("laowang") == set()
    assert signed_in("aming").get("processes", region="none").json["processes"] == []


def test_releases_are_for_administrators(stage: Stage, signed_in: As) -> None:
    [release] = signed_in("xiaoli").get("releases").json["releases"]

    assert (release["region"], release["active"], len(release["id"])) == ("jilin", True, 64)
    assert signed_in("laowang").get("releases").json["releases"] == []
    assert signed_in("aming").get("releases").status_code == 403


def test_a_form_is_found_by_its_key(signed_in: As) -> None:
    unit = signed_in("aming")

    form = unit.get("forms/choose_items", region="jilin").json

    assert form["schema"]["$schema"].endswith("2020-12/schema")
    assert form["ui"]
    assert unit.get("forms/bank_account", region="jilin").status_code == 200  # a shared one
    for key in ("none", "..", "../jilin/choose_items", "a.b"):
        assert unit.get(f"forms/{key}", region="jilin").status_code == 404
    assert unit.get("forms/choose_items", region="none").status_code == 404
    assert list(unit.get("forms/choose_items").json["errors"]) == ["region"]
