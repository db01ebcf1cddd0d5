"""Calls to addresses that a tenant chose: no way into our own network, however it is spelled."""

import datetime
import http.server
import ssl
import threading
import time

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations import outgoing
from integrations.webhooks import relay, services
from integrations.webhooks.models import Attempt, Delivery, Subscription

from .receiver import Answer

# Each leads to the receiver on this machine for somebody who does not look closely.
SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "0.0.0.0",
    "0",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
]


# Most are numbers to the resolver and are found out; some are no addresses at all to it, or to the client.
REFUSED = "not a public address|cannot be resolved|Invalid IPv4 address|Invalid IDNA hostname"


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_reached(new_receiver, host):
    receiver = new_receiver()
    with outgoing.client(timeout=3) as http, pytest.raises((httpx2.ConnectError, httpx2.InvalidURL), match=REFUSED):
        http.post(f"http://{host}:{receiver.port}/", content=b"{}")
    assert not receiver.received


@pytest.mark.parametrize("host", SPELLINGS)
async def test_nor_without_blocking(new_receiver, host):
    receiver = new_receiver()
    async with outgoing.async_client(timeout=3) as http:
        with pytest.raises((httpx2.ConnectError, httpx2.InvalidURL), match=REFUSED):
            await http.post(f"http://{host}:{receiver.port}/", content=b"{}")
    assert not receiver.received


def test_the_refusal_says_why(new_receiver):
    with (
        outgoing.client() as http,
        pytest.raises(httpx2.ConnectError, match=r"leads to 127\.0\.0\.1, which is not a public"),
    ):
        http.get(new_receiver().url)


def test_the_operator_may_allow_it(receiver):
    with outgoing.client() as http:
        assert http.post(receiver.url, content=b"{}").status_code == 204


@pytest.mark.parametrize("answers", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["93.184.216.34", "::1"]])
async def test_one_private_address_among_public_ones_spoils_the_name(answers):
    async with outgoing.async_client(resolve=lambda host, port: answers) as http:
        with pytest.raises(httpx2.ConnectError, match="not a public address"):
            await http.get("http://mixed.test/")
    refused = pytest.raises(httpx2.ConnectError, match="not a public address")
    with outgoing.client(resolve=lambda host, port: answers) as http, refused:
        http.get("http://mixed.test/")


async def test_the_connection_goes_to_the_address_that_was_checked(new_receiver):
    """A name is resolved once for a connection; nothing asks a second time, so nothing can be told otherwise."""
    receiver = new_receiver()
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    def permits(address):
        return address == "127.0.0.1"

    async with outgoing.async_client(resolve=resolve, permits=permits) as http:
        await http.post(f"http://rebinding.test:{receiver.port}/", content=b"{}")
        assert asked == ["rebinding.test"]
        assert receiver.received[0].headers["host"] == f"rebinding.test:{receiver.port}"
    async with outgoing.async_client(resolve=resolve, permits=permits) as http:
        with pytest.raises(httpx2.ConnectError, match=r"10\.0\.0\.1"):
            await http.post(f"http://rebinding.test:{receiver.port}/", content=b"{}")
    assert len(receiver.received) == 1


async def test_the_other_end_of_the_connection_is_looked_at_once_more(new_receiver):
    """An address may lead to another than it says: what counts in the end is who is connected."""
    receiver = new_receiver()
    url = f"http://detour.test:{receiver.port}/"
    detour = {"resolve": lambda *_: ["0.0.0.0"], "permits": lambda address: address != "127.0.0.1"}
    async with outgoing.async_client(**detour) as http:
        with pytest.raises(httpx2.ConnectError, match="127"):
            await http.post(url, content=b"{}")
    with outgoing.client(**detour) as http, pytest.raises(httpx2.ConnectError, match="127"):
        http.post(url, content=b"{}")
    assert not receiver.received


async def test_the_next_address_is_tried_when_the_first_refuses(new_receiver):
    receiver = new_receiver()
    two = ["127.0.0.2", "127.0.0.1"]
    async with outgoing.async_client(resolve=lambda *_: two, permits=lambda _: True) as http:
        await http.post(f"http://two.test:{receiver.port}/", content=b"{}")
    with outgoing.client(resolve=lambda *_: two, permits=lambda _: True) as http:
        http.post(f"http://two.test:{receiver.port}/", content=b"{}")
    assert len(receiver.received) == 2


async def test_redirects_lead_nowhere(new_receiver):
    secret = new_receiver()
    front = new_receiver(lambda *_: Answer(307, {"location": secret.url}))
    async with outgoing.async_client(resolve=lambda *_: ["127.0.0.1"], permits=lambda _: True) as http:
        response = await http.post(f"http://front.test:{front.port}/", content=b"{}")
    assert response.status_code == 307
    assert not secret.received


async def test_a_name_server_that_does_not_answer_is_a_timeout_and_delays_nobody(new_receiver):
    receiver = new_receiver()
    let_go = threading.Event()

    def resolve(host, port):
        if host == "silent.test":
            let_go.wait(20)
        return ["127.0.0.1"]

    async with outgoing.async_client(resolve=resolve, permits=lambda _: True, timeout=0.3) as http:
        with pytest.raises(httpx2.ConnectTimeout, match="was not resolved in time"):
            await http.get("http://silent.test/")
        await http.post(f"http://quick.test:{receiver.port}/", content=b"{}")
    too_late = pytest.raises(httpx2.ConnectTimeout, match="was not resolved in time")
    with outgoing.client(resolve=resolve, permits=lambda _: True, timeout=0.3) as http, too_late:
        http.get("http://silent.test/")
    let_go.set()


@pytest.mark.parametrize("problem", [OSError("no such name"), UnicodeError("label too long")])
async def test_a_name_that_cannot_be_resolved_is_a_connect_error(problem):
    def resolve(host, port):
        raise problem

    async with outgoing.async_client(resolve=resolve) as http:
        with pytest.raises(httpx2.ConnectError, match="cannot be resolved"):
            await http.get("http://nowhere.test/")
    with outgoing.client(resolve=resolve) as http, pytest.raises(httpx2.ConnectError, match="cannot be resolved"):
        http.get("http://nowhere.test/")
    with outgoing.client(resolve=lambda *_: []) as http, pytest.raises(httpx2.ConnectError, match="no address"):
        http.get("http://nowhere.test/")


def test_the_environments_proxy_is_not_a_way_around(new_receiver, monkeypatch):
    proxy, receiver = new_receiver(), new_receiver()
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    with outgoing.client() as http, pytest.raises(httpx2.ConnectError, match="not a public address"):
        http.get(receiver.url)
    assert not proxy.received


def certificate(folder, name):
    """Write a self-signed certificate and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls_receiver(new_receiver, tmp_path):
    """A receiver with a certificate for receiver.test; ``names`` are what clients asked for in their greeting."""
    cert, key = certificate(tmp_path, "receiver.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    receiver = new_receiver()
    receiver.names = []
    context.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    receiver.trust = ssl.create_default_context(cafile=str(cert))
    return receiver


async def test_tls_keeps_the_name_although_the_connection_goes_to_a_number(tls_receiver):
    options = {"resolve": lambda *_: ["127.0.0.1"], "permits": lambda _: True, "verify": tls_receiver.trust}
    async with outgoing.async_client(**options) as http:
        response = await http.post(f"https://receiver.test:{tls_receiver.port}/", content=b"{}")
    assert response.status_code == 204
    with outgoing.client(**options) as http:
        http.post(f"https://receiver.test:{tls_receiver.port}/", content=b"{}")
    assert tls_receiver.names == ["receiver.test"] * 2
    assert [r.headers["host"] for r in tls_receiver.received] == [f"receiver.test:{tls_receiver.port}"] * 2
    async with outgoing.async_client(**options) as http:
        with pytest.raises(httpx2.ConnectError, match=r"(?i)certificate"):
            await http.post(f"https://other.test:{tls_receiver.port}/", content=b"{}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"])
def test_the_relay_refuses_too_and_says_so_in_the_log(world, new_receiver, host):
    receiver = new_receiver()
    subscription = services.create(world.workspace, url="https://hooks.example.com/", events=["message.sent"])
    Subscription.objects.update(url=f"http://{host}:{receiver.port}/")
    services.send_test(subscription)
    assert relay.run_once() == 1
    assert not receiver.received
    attempt = Attempt.objects.get()
    assert attempt.status is None
    assert "is not a public address" in attempt.error
    assert not Delivery.objects.get().delivered_at


def test_the_server_class_used_here_is_the_standard_one(new_receiver):
    receiver = new_receiver()
    assert isinstance(receiver.server, http.server.ThreadingHTTPServer)
    started = time.monotonic()
    receiver.close()
    assert time.monotonic() - started < 2
