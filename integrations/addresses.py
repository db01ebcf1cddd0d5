"""Which addresses on the network an outgoing call may reach: those of the public internet, and no others.

Written as explicit lists, because what :mod:`ipaddress` calls global differs between Python releases and includes
addresses that answer only inside a cloud.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

_NOT_PUBLIC_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform address: public by number, answers only inside
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Public IPv6 is 2000::/3. Outside it lie loopback, mapped and compatible IPv4, NAT64, unique local, link-local,
# site-local and multicast; inside it, these are not public or hide an IPv4 address.
_PUBLIC_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether this is an address of the public internet. Raises ValueError when it is not an address at all."""
    ip = ip_address(address)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_V4)
    return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)


def private_allowed() -> bool:
    """Whether the operator lets outgoing calls reach private addresses."""
    return bool(settings.ALLOW_PRIVATE_WEBHOOKS)


def permits(address: str) -> bool:
    """Whether an outgoing call may connect here. Raises ValueError when it is not an address at all."""
    return private_allowed() or is_public(address)
