"""`manage.py run`, what `make run` runs: it sets up what is missing, once, and starts everything."""

import json
import os
from pathlib import Path

import pytest
from django.utils.html import escapejs

EMBEDDED = not os.environ.get("DATABASE_URL")
PROCFILE = Path(__file__).parents[2] / "Procfile"


@pytest.fixture
def installation(new_product):
    return new_product()


def processes_of(product):
    """Return the command lines of the processes that live on this installation's data folder."""
    mine = f"PARLEY_DATA={product.folder}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mine in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def get_other_origin(product, path):
    return product.get(path, headers={"Host": f"localhost:{product.port}"})


def test_the_first_run_makes_everything_and_the_second_keeps_it(installation):
    installation.start("run")
    first = installation.log.read_text()
    demo = json.loads((installation.folder / "demo.json").read_text())
    assert "demo workspace" in first

    status, page = get_other_origin(installation, "/demo-site/")
    assert status == 200
    assert escapejs(demo["publishableKey"]) in page
    assert f"{installation.url}/widget/chat-widget.js" in page
    assert installation.get("/demo-site/")[0] == 404, "our own origin must not pretend to be a customer's site"

    parts = processes_of(installation)
    # `run` itself, and on services one process for each line of the Procfile.
    wanted = 1 if EMBEDDED else 1 + len(PROCFILE.read_text().splitlines())
    assert len(parts) == wanted, parts
    assert installation.stop() == 0
    assert processes_of(installation) == []
    assert f"{installation.url}/inbox/" in installation.log.read_text()
    assert demo["logins"][0]["password"] in installation.log.read_text()

    installation.log.unlink()
    installation.start("run")
    assert "demo workspace" not in installation.log.read_text()
    assert json.loads((installation.folder / "demo.json").read_text()) == demo
    assert installation.stop() == 0


def test_a_taken_port_is_told_before_anything_is_set_up(installation):
    installation.start("serve")
    done = installation.manage("run", check=False)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("CommandError: cannot listen on 127.0.0.1:")
    assert "Traceback" not in done.stderr
    assert not (installation.folder / "demo.json").exists()


def test_prepare_without_the_demo_makes_no_workspace(installation):
    installation.manage("prepare")
    script = "from agents.models import Workspace; print(Workspace.objects.count())"
    assert installation.manage("shell", "-v0", "-c", script).stdout.strip() == "0"
