"""`manage.py serve`: the real process, from its start to its end, in the mode that the tests run in."""

import json
import os
import re
import signal
import socket
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

EMBEDDED = not os.environ.get("DATABASE_URL")


def open_socket(product, path, **options):
    return connect(product.ws_url + path, open_timeout=10, proxy=None, **options)


def frames_until(socket, wanted, seconds=10):
    """Return the first frame of the wanted type; the ones before it are dropped."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        frame = json.loads(socket.recv(timeout=deadline - time.monotonic()))
        if frame["type"] == wanted:
            return frame
    raise AssertionError(f"no {wanted} frame")


def inbox_socket_of(product, agent):
    """Log in as a browser would, and open the inbox's socket with the session's cookie."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(product.url + "/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = {"login": agent["email"], "password": agent["password"], "csrfmiddlewaretoken": token}
    browser.open(product.url + "/accounts/login/", urllib.parse.urlencode(form).encode())
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    return open_socket(product, "/inbox/socket", additional_headers={"Cookie": cookies}, origin=product.url)


def test_it_is_ready(product):
    status, body = product.get("/readyz")
    assert status == 200
    assert set(json.loads(body)["checks"].values()) == {"ok"}


def test_a_frame_goes_through_the_channel_layer_and_back(product):
    with open_socket(product, "/healthz") as echo:
        echo.send("here and back")
        assert echo.recv(timeout=5) == "here and back"


def test_an_unknown_socket_address_is_closed_cleanly_with_4404(product):
    with open_socket(product, "/no/such/socket") as nothing, pytest.raises(ConnectionClosed) as closed:
        nothing.recv(timeout=5)
    assert closed.value.rcvd.code == 4404
    assert "Traceback" not in product.log.read_text()


def test_a_frame_that_is_too_large_ends_its_socket_and_nothing_else(product):
    with open_socket(product, "/healthz") as echo:
        echo.send("x" * 70_000)
        with pytest.raises(ConnectionClosed):
            echo.recv(timeout=5)
    assert product.get("/healthz")[0] == 200


def test_worker_and_beat_run_inside(product):
    """A chat that waits beside a free agent, written past every service: only the sweeper can bring them together."""
    script = (
        "from config.demo.factories import AgentFactory, ChatFactory, WorkspaceFactory; acme = WorkspaceFactory(); "
        "AgentFactory(workspace=acme, online=True); ChatFactory(workspace=acme)"
    )
    product.manage("shell", "-v0", "-c", script)
    waiting = "from chat.models import Chat; print(Chat.objects.filter(status='waiting').count())"
    deadline = time.monotonic() + 40
    while product.manage("shell", "-v0", "-c", waiting).stdout.strip() != "0":
        assert time.monotonic() < deadline, product.log.read_text()
    assert "background_failed" not in product.log.read_text()


def test_a_taken_port_is_one_line(product):
    done = product.manage("serve", check=False)
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "Error" in line] == [
        f"CommandError: cannot listen on 127.0.0.1:{product.port}: Address already in use (choose another with PORT)"
    ]
    assert "Traceback" not in done.stderr


def test_tables_that_are_behind_the_code_are_one_line(new_product):
    fresh = new_product()
    fresh.manage("migrate", "chat", "zero", "-v0")
    done = fresh.manage("serve", check=False)
    assert done.returncode == 1
    assert "CommandError: migrations: " in done.stderr
    assert "manage.py migrate" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "url", "what"),
    [
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/parley", "database: postgres://127.0.0.1:1/parley"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "channel layer: redis://127.0.0.1:1/0"),
        ("BROKER_URL", "amqp://guest:guest@127.0.0.1:1//", "broker: amqp://127.0.0.1:1//"),
    ],
)
def test_an_unreachable_service_is_one_line(new_product, name, url, what):
    if EMBEDDED and name != "DATABASE_URL":
        # Without a database that answers, nothing else is asked.
        url, name, what = "postgres://nobody@127.0.0.1:1/x", "DATABASE_URL", "database: postgres://127.0.0.1:1/x"
    fresh = new_product()
    fresh.env = {**fresh.env, "REDIS_URL": fresh.env.get("REDIS_URL") or "redis://127.0.0.1:1/0", name: url}
    done = fresh.manage("serve", check=False)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("CommandError")]
    assert len(errors) == 1
    assert what in errors[0]
    assert "Traceback" not in done.stderr
    assert "guest:guest" not in done.stderr


def test_at_sigterm_every_client_is_told_when_to_come_back_and_the_exit_is_clean(new_product):
    product = new_product().start()
    tenant = product.manage_json("create_workspace", "Acme", "--domain", "localhost")
    agent = product.manage_json("create_agent", tenant["slug"], "otto@example.com")
    with inbox_socket_of(product, agent) as inbox:
        frames_until(inbox, "hello")
        product.process.send_signal(signal.SIGTERM)
        assert 0 <= frames_until(inbox, "reconnect")["afterMs"] <= 10_000
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                inbox.recv(timeout=10)
        assert closed.value.rcvd.code == 1012
    assert product.process.wait(20) == 0
    assert product.get("/healthz")[0] == 0


def test_a_request_under_way_at_sigterm_is_still_answered(new_product):
    product = new_product().start()
    with socket.create_connection(("127.0.0.1", product.port)) as line:
        line.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        product.process.send_signal(signal.SIGTERM)
        answer = b""
        while chunk := line.recv(4096):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 200")
    assert product.process.wait(20) == 0


if not EMBEDDED:

    def test_clients_that_leave_in_the_middle_of_a_slow_query_cost_no_connection(new_product):
        product = new_product()
        product.env |= {"PARLEY_POOL_SIZE": "3", "PARLEY_SOCKET_THREADS": "1"}
        product.start()
        tenant = product.manage_json("create_workspace", "Acme", "--domain", "localhost")
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {tenant['secretKey']}\r\n\r\n"
        with psycopg.connect(product.database_url) as slow:
            slow.execute("LOCK TABLE agents_agent IN ACCESS EXCLUSIVE MODE")
            for _ in range(4):
                with socket.create_connection(("127.0.0.1", product.port)) as line:
                    line.sendall(f"GET /v1/chat/agents/online HTTP/1.1\r\n{head}".encode())
                    time.sleep(0.5)
            time.sleep(12)  # Daphne's own patience is ten seconds
        for _ in range(4):
            asked = product.get("/v1/chat/agents/online", {"Authorization": f"Bearer {tenant['secretKey']}"})
            assert asked[0] == 200, product.log.read_text()[-3000:]


def test_after_a_power_cut_everything_is_still_there(new_product):
    product = new_product().start()
    tenant = product.manage_json("create_workspace", "Acme", "--domain", "localhost")
    product.kill()
    product.start()
    names = "from agents.models import Workspace; print(list(Workspace.objects.values_list('slug', flat=True)))"
    assert tenant["slug"] in product.manage("shell", "-v0", "-c", names).stdout


def test_the_log_is_for_machines_in_services_mode_and_for_people_embedded(product):
    product.get("/nothing-here")
    time.sleep(0.3)
    line = next(line for line in product.log.read_text().splitlines() if "/nothing-here" in line)
    if EMBEDDED:
        assert "status=404" in line
    else:
        assert json.loads(line)["status"] == 404
