"""HTTP to addresses that a tenant chose (webhooks, bots, lookups, providers), without a way into our own network.

The name is resolved here, every address of it is checked, and the connection goes to a checked address: a name that
resolves differently a moment later (rebinding), a redirect or an odd spelling of ``127.0.0.1`` leads nowhere. TLS and
the Host header keep the name. ``PARLEY_ALLOW_PRIVATE_WEBHOOKS=1`` lifts the check, for development and closed networks.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

import httpcore2
import httpx2

from .addresses import permits as operator_permits

Resolve = Callable[[str, int], Sequence[str]]
Permits = Callable[[str], bool]

# Our callers bound what they send at once themselves; a pool that makes them wait would let one host delay another.
_LIMITS: dict[str, Any] = {"max_connections": None, "max_keepalive_connections": 100, "keepalive_expiry": 15}
# A thread for each name under resolution: a name server that does not answer keeps its own thread only.
_RESOLVERS = ThreadPoolExecutor(64, thread_name_prefix="resolve")
_pending: dict[tuple[Resolve, str, int], Future[Sequence[str]]] = {}
_pending_lock = Lock()


class AddressRefused(httpcore2.ConnectError):
    """The name leads to an address that is not public. Callers of a client see it as ``httpx2.ConnectError``."""


def system_resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the machine's resolver orders them. Raises OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def async_client(
    *,
    resolve: Resolve = system_resolve,
    permits: Permits = operator_permits,
    verify: Any = True,
    **options: Any,
) -> httpx2.AsyncClient:
    """Return a client that connects to public addresses only and follows no redirects.

    ``verify`` is an SSL context or True; ``options`` are those of ``httpx2.AsyncClient``.
    """
    transport = httpx2.AsyncHTTPTransport(verify=verify, trust_env=False)
    transport._pool = httpcore2.AsyncConnectionPool(
        ssl_context=httpx2.create_ssl_context(verify=verify, trust_env=False),
        network_backend=_AsyncBackend(_Guard(resolve, permits)),
        **_LIMITS,
    )
    return httpx2.AsyncClient(transport=transport, trust_env=False, **options)


def client(
    *,
    resolve: Resolve = system_resolve,
    permits: Permits = operator_permits,
    verify: Any = True,
    **options: Any,
) -> httpx2.Client:
    """Return the same as :func:`async_client` for code without an event loop."""
    transport = httpx2.HTTPTransport(verify=verify, trust_env=False)
    transport._pool = httpcore2.ConnectionPool(
        ssl_context=httpx2.create_ssl_context(verify=verify, trust_env=False),
        network_backend=_Backend(_Guard(resolve, permits)),
        **_LIMITS,
    )
    return httpx2.Client(transport=transport, trust_env=False, **options)


class _Guard:
    """Resolves names and says which addresses may be connected to; shared by both backends."""

    def __init__(self, resolve: Resolve, permits: Permits) -> None:
        self.resolve = resolve
        self.permits = permits

    def lookup(self, host: str, port: int) -> Future[Sequence[str]]:
        """Start resolving, or join a lookup of the same name that is under way."""
        key = (self.resolve, host, port)
        with _pending_lock:
            future = _pending.get(key)
            if future is None:
                future = _pending[key] = _RESOLVERS.submit(self.resolve, host, port)
                fresh = True
            else:
                fresh = False
        if fresh:
            future.add_done_callback(lambda _: _pending.pop(key, None))
        return future

    def check(self, host: str, addresses: Iterable[str]) -> list[str]:
        """Return the addresses when every one may be reached; raise AddressRefused when one may not."""
        checked = list(addresses)
        for address in checked:
            if not self.permits(address):
                raise AddressRefused(f"{host} leads to {address}, which is not a public address")
        if not checked:
            raise httpcore2.ConnectError(f"{host} has no address")
        return checked

    def check_peer(self, host: str, peer: Any) -> None:
        """Raise AddressRefused unless the connected socket's other end may be reached: belt and braces."""
        if not peer or not self.permits(str(peer[0])):
            raise AddressRefused(f"{host} leads to {peer and peer[0]}, which is not a public address")


def _shares(addresses: list[str], timeout: float | None) -> Iterator[tuple[str, float | None]]:
    """Yield each address with its share of the time that is left, so that the first cannot use up all of it."""
    end = None if timeout is None else time.monotonic() + timeout
    for position, address in enumerate(addresses):
        left = None if end is None else max(end - time.monotonic(), 0.01) / (len(addresses) - position)
        yield address, left


class _AsyncBackend(httpcore2.AsyncNetworkBackend):
    """Connects for ``httpx2.AsyncClient``."""

    def __init__(self, guard: _Guard) -> None:
        self._guard = guard
        self._plain = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        started = time.monotonic()
        addresses = self._guard.check(host, await self._addresses(host, port, timeout))
        left = None if timeout is None else timeout - (time.monotonic() - started)
        failure: Exception = httpcore2.ConnectTimeout(f"{host} did not answer in time")
        for address, share in _shares(addresses, left):
            try:
                stream = await self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            try:
                self._guard.check_peer(host, stream.get_extra_info("server_addr"))
            except AddressRefused:
                await stream.aclose()
                raise
            return stream
        raise failure

    async def _addresses(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        # Shielded: others may wait for the same lookup, and giving up must not cancel it for them.
        lookup = asyncio.shield(asyncio.wrap_future(self._guard.lookup(host, port)))
        try:
            return await asyncio.wait_for(lookup, timeout)
        except TimeoutError:
            raise httpcore2.ConnectTimeout(f"{host} was not resolved in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} cannot be resolved: {error}") from error

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Backend(httpcore2.NetworkBackend):
    """Connects for ``httpx2.Client``."""

    def __init__(self, guard: _Guard) -> None:
        self._guard = guard
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        started = time.monotonic()
        addresses = self._guard.check(host, self._addresses(host, port, timeout))
        left = None if timeout is None else timeout - (time.monotonic() - started)
        failure: Exception = httpcore2.ConnectTimeout(f"{host} did not answer in time")
        for address, share in _shares(addresses, left):
            try:
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            try:
                self._guard.check_peer(host, stream.get_extra_info("server_addr"))
            except AddressRefused:
                stream.close()
                raise
            return stream
        raise failure

    def _addresses(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        try:
            return self._guard.lookup(host, port).result(timeout)
        except TimeoutError:
            raise httpcore2.ConnectTimeout(f"{host} was not resolved in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} cannot be resolved: {error}") from error
