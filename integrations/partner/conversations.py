"""Beginning a conversation: whose it is, and what proves that."""

from __future__ import annotations

from agents.ids import decode
from chat.access import Actor
from chat.errors import NotAllowed
from chat.models import Visitor
from chat.services import starting, visitors
from chat.services.starting import Started
from widget.arrivals import arrive
from widget.identity import Identity

from ..keys.authentication import Principal
from .errors import NoSuchCustomer
from .finding import customer_of, find_customer


def begin(principal: Principal, customer_id: str) -> Started:
    """Start a conversation with the customer, or return the one that is open: there is one at a time.

    After an end, the next one is chained to the last. A server vouches for the customer whom it names; a visitor
    is themselves. Raises NoSuchCustomer, NotAllowed, Invalid.
    """
    visitor = _customer(principal, customer_id)
    if principal.kind != "agent":
        visitors.seen(visitor)
    actor = principal.actor or Actor.of_visitor(visitor)
    return starting.start(workspace=principal.workspace, visitor=visitor, actor=actor)


def _customer(principal: Principal, customer_id: str) -> Visitor:
    if principal.kind == "visitor":
        return find_customer(principal, customer_id)
    if principal.kind != "secret":
        # An agent vouches for nobody.
        raise NotAllowed
    known = customer_of(principal.workspace, customer_id)
    if known is None and decode("visitor", customer_id):
        raise NoSuchCustomer(field="customerId")  # an id of ours names somebody or nobody
    if known is not None and not known.external_id:
        return known
    return arrive(principal.workspace, identity=Identity(customer_id), trusted=True)
