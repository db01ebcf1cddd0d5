"""What nobody well-meaning sends, at the real server: it refuses, answers everybody else, and grows no fatter."""

import base64
import contextlib
import json
import os
import re
import socket
import struct
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

pytestmark = pytest.mark.slow
MOST_GROWTH = 64 * 1024  # KiB
SESSIONS = "/v1/chat/sessions"


def resident(product):
    """Return the server's memory in KiB."""
    status = Path(f"/proc/{product.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


@pytest.fixture(scope="module")
def company(product):
    made = product.manage_json("create_workspace", "Acme", "--domain", "localhost")
    company = {"key": made["secretKey"]}
    bodies = [b"{}", b"[" * 200_000, b'{"a": "' + b"x" * 1024 * 1024]
    for _ in range(10):  # warm: what is loaded once, and the room that large bodies once took, are no growth
        product.get("/accounts/login/")
        product.get("/v1/chat/agents/online", {"Authorization": f"Bearer {company['key']}"})
        for body in bodies:
            answer_to(product, request(company, body))
    return {**company, "memory": resident(product)}


@pytest.fixture(autouse=True)
def others_are_answered(product, company):
    """After whatever a test did, everybody else is served, and the memory is what it was."""
    yield
    assert product.get("/healthz")[0] == 200
    assert product.get("/v1/chat/agents/online", {"Authorization": f"Bearer {company['key']}"})[0] == 200
    with connect(product.ws_url + "/healthz", open_timeout=20, proxy=None) as echo:
        echo.send("there?")
        assert echo.recv(timeout=20) == "there?"
    assert product.process.poll() is None
    assert "MemoryError" not in product.log.read_text()
    assert resident(product) - company["memory"] < MOST_GROWTH


def dial(product):
    line = socket.create_connection(("127.0.0.1", product.port), timeout=30)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def answer_to(product, *pieces):
    """Send bytes as they are; return the status that was answered, 0 when the line was closed without one."""
    with dial(product) as line, contextlib.suppress(ConnectionError):
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                line.sendall(piece)
        said = b""
        while b"\r\n" not in said and (more := line.recv(4096)):
            said += more
        found = re.match(rb"HTTP/1\.\d (\d{3})", said)
        return int(found[1]) if found else 0
    return 0


def request(company, body, *headers, length=None, path=SESSIONS):
    """Return a POST's bytes: the company's key, JSON, and whatever headers are given."""
    lines = [
        f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {company['key']}",
        "Content-Type: application/json", "Connection: close", *headers,
    ]  # fmt: skip
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_a_body_that_says_that_it_is_too_large_is_refused_before_it_comes(product, company):
    assert answer_to(product, request(company, b"", length=33 * 1024 * 1024)) == 413


def test_a_body_without_an_end_is_refused(product, company):
    head = request(company, b"", "Transfer-Encoding: chunked", length=False)
    piece = b"%x\r\n%b\r\n" % (1024 * 1024, b"x" * (1024 * 1024))
    assert answer_to(product, head, *[piece] * 64) in (0, 413)


def test_a_body_just_below_the_limit_is_refused_by_the_contract(product, company):
    body = b'{"a": "' + b"x" * (31 * 1024 * 1024)
    for _ in range(4):
        assert answer_to(product, request(company, body)) == 400


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"visitor": {"name": "\xff\xfe\xc3\x28"}}',
        b'{"visitor": {"name": "\\ud800"}}',
        b'{"visitor": {"name": "a\\u0000b"}}',
        b"1e999999999",
        b"9" * 100_000,
        b"\x00" * 1000,
        b'{"a": NaN}',
    ],
    ids=["deep", "deeper", "no utf-8", "half a letter", "a zero", "huge", "long", "zeros", "no number"],
)
def test_a_body_that_is_no_sane_json_is_a_400(product, company, body):
    assert answer_to(product, request(company, body)) == 400


def test_thousands_of_headers_or_an_endless_one_are_refused(product, company):
    many = [f"X-{n}: {n}" for n in range(20_000)]
    assert answer_to(product, request(company, b"{}", *many)) in (0, 400, 431)
    assert answer_to(product, request(company, b"{}", "X-Long: " + "x" * 1_000_000)) in (0, 400, 431)
    assert answer_to(product, b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n") in (0, 400, 414)


@pytest.mark.parametrize(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 10_000,
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHo st: x\r\n\r\n",
        b"GET /%ff%fe%00?q=%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET /inbox/?q=\xff\xfe HTTP/1.1\r\nHost: localhost\r\nCookie: parley_session=\xff\r\n\r\n",
    ],
    ids=["tls", "http2", "version", "blanks", "chunks", "lengths", "minus", "host", "space", "address", "query"],
)
def test_what_is_no_http_is_no_server_error(product, said):
    with dial(product) as line:
        line.settimeout(3)  # some of it is the beginning of a request that may still come
        line.sendall(said)
        with contextlib.suppress(TimeoutError, ConnectionError):
            assert not re.match(rb"HTTP/1\.\d 5", line.recv(4096))


def test_a_request_hidden_in_anothers_body_is_never_answered(product):
    hidden = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    head = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    with dial(product) as line:
        line.settimeout(3)
        line.sendall(head + b"0\r\n\r\n" + hidden)
        said = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while more := line.recv(4096):
                said += more
    assert said.count(b"HTTP/1.1 200") == 0


def test_two_hundred_who_never_finish_their_request_keep_nobody_waiting(product):
    with contextlib.ExitStack() as lines:
        for n in range(200):
            line = lines.enter_context(dial(product))
            line.sendall(b"GET /inbox/socket HTTP/1.1\r\nHost: localhost\r\nX-A: " if n % 2 else b"POST /v1/chats HT")
        for _ in range(3):
            assert product.get("/healthz")[0] == 200
            assert product.get("/accounts/login/")[0] == 200


def frame(code, payload=b"", *, last=True, masked=True):
    """Return a frame of a client, as RFC 6455 has it."""
    size = len(payload)
    length = bytes([size | 128]) if size < 126 else bytes([126 | 128]) + struct.pack(">H", size)
    head = bytes([code | (128 if last else 0)]) + length
    return head + b"\0\0\0\0" + payload if masked else head.replace(length, bytes([size])) + payload


def raw_socket(product):
    """Open a socket by hand, so that anything can be said on it."""
    line = dial(product)
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall(
        f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(4096)
    assert b" 101 " in said
    return line


@pytest.mark.parametrize(
    "said",
    [
        frame(1, b"\xff\xfe\xc3\x28"),
        frame(3, b"reserved"),
        frame(1, b"no mask", masked=False),
        frame(9, b"x" * 200),
        frame(8, b"\x00"),
        frame(1, b"x" * 60_000, last=False) + frame(0, b"x" * 60_000, last=False) * 50,
        bytes([0x82, 0xFF]) + struct.pack(">Q", 2**63 - 1) + b"\0\0\0\0",
        bytes([0xF1, 0x80]) + b"\0\0\0\0",
    ],
    ids=["no utf-8", "reserved", "no mask", "long ping", "short close", "endless", "length", "bits"],
)
def test_a_frame_that_breaks_the_rules_ends_its_own_socket(product, said):
    with raw_socket(product) as line, contextlib.suppress(ConnectionError):
        with contextlib.suppress(ConnectionError):
            line.sendall(said)
        deadline = time.monotonic() + 30
        while line.recv(65536):  # until it is closed; a timeout fails
            assert time.monotonic() < deadline


def test_a_flood_of_pings_and_of_bytes_is_borne(product):
    with raw_socket(product) as line, contextlib.suppress(ConnectionError):
        line.settimeout(0.05)
        for _ in range(200):
            with contextlib.suppress(TimeoutError):
                line.sendall(frame(9, b"ping") * 50)
            with contextlib.suppress(TimeoutError):
                line.recv(65536)


def test_who_never_reads_is_cut_before_it_costs_memory(product):
    with raw_socket(product) as line:
        said = frame(1, b"x" * 30_000)
        with pytest.raises(ConnectionError):
            for _ in range(5000):  # each comes back as it is
                line.sendall(said)


@pytest.mark.parametrize(
    "path", ["/inbox/socket", "/ws?clientId=1&token=x", "/v1/chat/session_x?token=x", "/v1/chat/%ff"]
)
def test_bytes_and_nonsense_at_every_socket_are_no_server_error(product, path):
    before = product.log.read_text().count("Traceback")
    with connect(product.ws_url + path, open_timeout=20, proxy=None) as line, contextlib.suppress(ConnectionClosed):
        for said in (
            b"\0\xff" * 100,
            "[" * 1000,
            json.dumps({"type": "__init__"}),
            json.dumps({"type": ["x"]}),
            "\u0000",
        ):
            line.send(said)
        line.recv(timeout=10)
    assert product.log.read_text().count("Traceback") == before
