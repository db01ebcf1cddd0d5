"""/docs/: the contracts with their pages and files, and the files of docs/."""

import pytest

from config.contracts import CONTRACTS
from config.docs import FOLDER

EVERY = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


def test_the_list_names_every_contract_and_every_document(client):
    text = client.get("/docs/").content.decode()
    for contract in CONTRACTS:
        assert f'href="/docs/api/{contract.name}/"' in text
        assert f'href="/docs/api/{contract.name}/openapi.json"' in text
        assert contract.summary.split(":")[0] in text
    for path in FOLDER.glob("*.md"):
        assert f'href="/docs/{path.stem}/"' in text
    assert "The two sockets" in text


def test_a_document_is_a_page(client):
    text = client.get("/docs/protocol/").content.decode()
    assert "<h1>The two sockets</h1>" in text
    assert "<table>" in text


def test_a_name_cannot_leave_the_folder(client):
    for name in ("nothing", "..%2fREADME", "%2e%2e%2fpyproject", "protocol.md"):
        assert client.get(f"/docs/{name}/").status_code == 404
        assert client.get(f"/docs/api/{name}/").status_code == 404
        assert client.get(f"/docs/api/{name}/openapi.json").status_code == 404


@EVERY
def test_a_contracts_page_and_file_are_open_to_everybody(client, contract):
    page = client.get(f"/docs/api/{contract.name}/").content.decode()
    assert f'data-openapi="/docs/api/{contract.name}/openapi.json"' in page
    answer = client.get(f"/docs/api/{contract.name}/openapi.json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["servers"] == [{"url": "http://testserver"}]
    assert answer.json()["paths"]


def test_the_file_is_in_english_whatever_the_reader_speaks(client):
    first, second = (
        client.get("/docs/api/live-chat/openapi.json", headers={"Accept-Language": language}).content
        for language in ("en", "vi")
    )
    assert first == second


def test_only_swagger_ui_is_served_of_its_package(client):
    assert client.get("/static/swagger/swagger-ui-bundle.js").status_code == 200
    assert client.get("/static/drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js").status_code == 404
