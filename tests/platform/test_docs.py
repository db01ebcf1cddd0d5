"""/docs/: the files of docs/, as pages."""


def test_the_list_names_every_document_by_its_heading(client):
    text = client.get("/docs/").content.decode()
    assert "The two sockets" in text
    assert "/docs/protocol/" in text


def test_a_document_is_a_page(client):
    text = client.get("/docs/protocol/").content.decode()
    assert "<h1>The two sockets</h1>" in text
    assert "<table>" in text


def test_a_name_cannot_leave_the_folder(client):
    for name in ("nothing", "..%2fREADME", "%2e%2e%2fpyproject", "protocol.md"):
        assert client.get(f"/docs/{name}/").status_code == 404
