"""Projects and scenarios through the API."""

from __future__ import annotations

from uuid import uuid4


def test_a_change_makes_a_new_version_and_keeps_the_old(client, make_scenario):
    scenario_id = make_scenario({"max_facilities": 3})
    address = f"/api/scenarios/{scenario_id}"
    changed = client.patch(address, json={"name": "Four", "parameters": {"max_facilities": 4}}).json()["data"]
    assert (changed["version"], changed["name"], changed["parameters"]) == (2, "Four", {"max_facilities": 4})
    assert client.get(address).json()["data"] == changed
    first = client.get(f"{address}?version=1").json()["data"]
    assert (first["version"], first["name"], first["parameters"]) == (1, "A scenario", {"max_facilities": 3})
    assert [scenario["version"] for scenario in client.get("/api/scenarios").json()["data"]] == [2]


def test_a_scenario_names_only_what_is_there(client, foreigner, make_dataset):
    project = client.post("/api/projects", json={"name": "P"}).json()["data"]["project_id"]
    dataset = str(make_dataset())
    body = {"project_id": project, "name": "S", "type": "transport", "datasets": {"network": dataset}}
    wrong = [("project_id", str(uuid4())), ("datasets", {"network": str(uuid4())})]
    for name, value in wrong:
        assert client.post("/api/scenarios", json={**body, name: value}).status_code == 404
    assert client.post("/api/scenarios", json={**body, "type": "a warehouse"}).status_code == 422
    assert client.post("/api/scenarios", json={**body, "name": " "}).status_code == 422
    # What is another tenant's is not there.
    theirs = foreigner.post("/api/projects", json={"name": "T"}).json()["data"]["project_id"]
    assert foreigner.post("/api/scenarios", json={**body, "project_id": theirs}).status_code == 404
    assert client.post("/api/scenarios", json={**body, "project_id": theirs}).status_code == 404


def test_a_dataset_tells_its_parameters_and_years(client, make_dataset):
    dataset_id = make_dataset({"single_sourcing": "no", "lease_years": "3"}, years=3)
    found = client.get(f"/api/datasets/{dataset_id}").json()["data"]
    assert found["years"] == 3
    assert found["parameters"] == {"single_sourcing": "no", "lease_years": "3"}
    assert [each["dataset_id"] for each in client.get("/api/datasets").json()["data"]] == [str(dataset_id)]


def test_the_template_is_a_workbook(client):
    answer = client.get("/api/templates/network.xlsx")
    assert answer.status_code == 200
    assert answer.content.startswith(b"PK")
    assert "network.xlsx" in answer.headers["Content-Disposition"]
