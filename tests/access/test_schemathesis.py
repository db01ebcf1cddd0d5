"""Schemathesis over each contract's own OpenAPI document, in every role: no server error, no answer against the schema.

Requests that the document allows, and requests that break it, the same ones in every run. A few for each operation
here; more by ``SCHEMATHESIS_EXAMPLES=200 make test TESTS=tests/access/test_schemathesis.py``.
"""

import json
import os
import re

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from config.contracts import CONTRACTS
from integrations.openapi.document import document
from tests.contracts import describe

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8"))
ROLES = ("server", "visitor", "page", "operator", "owner")
BOUNDED = settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
SCHEMAS = [
    schemathesis.openapi.from_dict(json.loads(json.dumps(document(contract, "http://testserver"))))
    for contract in CONTRACTS
]
OPERATIONS = [
    pytest.param(found.ok(), id=found.ok().label) for schema in SCHEMAS for found in schema.get_all_operations()
]


def own_ids(case, town):
    """Put our own ids for the generated ones: behind an unknown id there is little to find."""
    names = {name: re.sub(r"([A-Z])", r"_\1", name).lower() for name in case.path_parameters or {}}
    return {name: town.own.get(ours, case.path_parameters[name]) for name, ours in names.items()}


def send(case, path, token):
    """Send a generated request; the watch over all clients (tests/contracts.py) holds the answer to the schema."""
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "vi"}
    query = {name: value if isinstance(value, list) else str(value) for name, value in dict(case.query or {}).items()}
    if case.media_type == "multipart/form-data":
        return client.post(path, {"file": SimpleUploadedFile("a.txt", b"words")}, headers=headers, query_params=query)
    return client.generic(
        case.method, path, raw(case.body), content_type="application/json", headers=headers, query_params=query
    )


def raw(body):
    """Return what is sent for a generated body: some are no JSON at all."""
    if isinstance(body, schemathesis.core.NotSet):
        return b""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_nothing_generated_is_a_server_error_or_a_lie(town, taken_back, operation, mode):
    takes = [*operation.path_parameters, *operation.query, *operation.headers, *operation.body]
    if mode is GenerationMode.NEGATIVE and not takes:
        return  # nothing in it can be wrong

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode), role=st.sampled_from(ROLES))
    def holds(case, role):
        path = operation.path.format(**own_ids(case, town)) if operation.path_parameters else operation.path
        assert describe(case.method, path), "the operation is not in the document that holds answers to it"
        with taken_back():
            answer = send(case, path, town.tokens[role])
        assert answer.status_code < 500, (role, path, case.query, case.body)

    holds()
