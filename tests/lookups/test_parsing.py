"""Addresses, headers and answers: everything that a tenant, a visitor or a stranger's server writes."""

import json

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.services.messages import clean
from integrations.lookups import addresses, answers, headers


@pytest.mark.parametrize(
    ("url", "value", "filled"),
    [
        ("https://a.example/o/{value}", "ORD 1", "https://a.example/o/ORD%201"),
        ("https://a.example/o/{value}/x", "../../admin", "https://a.example/o/..%2F..%2Fadmin/x"),
        ("https://a.example/?id={value}&k=1", "a&k=2#", "https://a.example/?id=a%26k%3D2%23&k=1"),
        ("https://a.example/o", 12345, "https://a.example/o?value=12345"),
        ("https://a.example/o?k=1#top", "ă\r\nX: y", "https://a.example/o?k=1&value=%C4%83%0D%0AX%3A%20y#top"),
        ("https://a.example/{value}", "@evil.example", "https://a.example/%40evil.example"),
    ],
)
def test_a_value_stays_in_its_place(url, value, filled):
    assert addresses.filled(url, value) == filled


@pytest.mark.parametrize("value", [None, True, [], {}, "", "  ", ".", "..", "...", "x" * 201, "\ud800"])
def test_what_cannot_stand_in_an_address_is_not_asked_for(value):
    for url in ("https://a.example/{value}", "https://a.example/"):
        with pytest.raises(addresses.BadValue):
            addresses.filled(url, value)


@pytest.mark.parametrize(
    "url",
    [
        "https://{value}/", "https://{value}.example.com/", "https://a.example:{value}/", "{value}://a.example/",
        "https://a.example/#{value}", "http://a.example/", "https://u:p@a.example/", "https://127.0.0.1/{value}",
        "https://a.example/ {value}", "ftp://a.example/", "/orders/{value}",
    ],
)  # fmt: skip
def test_an_address_that_leads_astray_is_refused(url):
    with pytest.raises(ValidationError):
        addresses.valid_template(url)


def test_headers_are_lines():
    assert headers.parse("Authorization: Bearer a b\n\n X-Key:1 \r\n") == [
        ("Authorization", "Bearer a b"),
        ("X-Key", "1"),
    ]


@pytest.mark.parametrize(
    "text",
    ["Authorization", ": x", "A B: x", "X:", "X: a\x00b", "X: é", "Host: evil", "content-length: 5",
     "Transfer-Encoding: chunked", "X: " + "y" * 5000],
)  # fmt: skip
def test_what_is_no_header_or_not_a_tenants_is_refused_without_repeating_it(text):
    with pytest.raises(ValidationError) as refused:
        headers.parse(text)
    assert text not in str(refused.value)


def body(said):
    return json.dumps(said).encode()


def test_a_flat_object_is_lines_in_its_order():
    assert answers.lines(body({"Status": "Sent", "Parcels": 2, "Paid": True, "Note": None}), []) == [
        ["Status", "Sent"],
        ["Parcels", 2],
        ["Paid", True],
        ["Note", None],
    ]


def test_fields_choose_order_and_name():
    found = body({"status": "sent", "secret_margin": 40, "eta": "Friday"})
    assert answers.lines(found, ["eta = Arrives", "status", "missing"]) == [["Arrives", "Friday"], ["status", "sent"]]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"", "not_flat"), (b"<html>", "not_flat"), (b"[1]", "not_flat"), (b'"x"', "not_flat"), (b"\xff", "not_flat"),
        (b"[" * 60000, "not_flat"), (b"{}", "empty"), (b'{"a": [1], "b": {}}', "empty"), (b'{"a": NaN}', "empty"),
        (b'{"a": 1e999}', "empty"), (b'{"a": ' + b"9" * 6000 + b"}", "not_flat"),
    ],
)  # fmt: skip
def test_what_is_no_flat_object_says_so(said, problem):
    with pytest.raises(answers.Unusable, match=problem):
        answers.lines(said, [])


def test_long_and_odd_texts_are_made_storable():
    (line,) = answers.lines(b'{"a\\u0000b\\ud800": "' + b"x" * 5000 + b'\\u0000"}', [])
    assert line == ["ab?", "x" * 299 + "…"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.floats() | st.text()))
def test_whatever_comes_can_be_stored(said):
    try:
        lines = answers.lines(json.dumps(said).encode(), [])
    except answers.Unusable:
        return
    assert len(lines) <= answers.LINES
    assert clean(json.dumps(lines, ensure_ascii=False, allow_nan=False))
