"""How secrets are compared: in constant time, by the function that is made for it; read from the sources.

``==`` tells by its time how much of a guess was right. What looks like such a comparison is named here with the reason
why it is none, or it fails.
"""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

PACKAGES = ("agents", "chat", "widget", "analytics", "integrations", "config")
SECRET = re.compile(
    r"(\b|_)(secrets?|signatures?|signed|sig|tokens?|(hex)?digest|hash(ed)?|h?mac|password|passphrase|checksum"
    r"|fingerprint|proof|credentials?|nonce)(\b|_)|_key\b"
)
COMPARES = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
# Where it is no check of who somebody is: what is compared, and why it may be.
HARMLESS = {
    ("integrations/chatbots/actions.py", "before.fingerprint == fingerprint"): "a bot's own action, sent again",
    ("integrations/chatbots/actions.py", "last.fingerprint == fingerprint"): "a bot's own action, sent again",
    ("integrations/live_chat/starting.py", "started.chat.start_key == key"): (
        "two hashes, one made here: time tells nothing about what was hashed"
    ),
    ("config/environment.py", "bool(access_key) != bool(secret_key)"): "whether each is set, at start",
}
# Each function that decides by a signature or a token in what it is given, and what does it in constant time there:
# ours by hmac, Django's signing by its constant_time_compare, PyJWT by hmac.
CHECKS = {
    "integrations/chatbots/signing.py: is_signature": "hmac.compare_digest",
    "config/metrics.py: _may_read": "hmac.compare_digest",
    "chat/files.py: _read_token": "unsign_object",
    "chat/services/uploads.py: of_token": "unsign",
    "widget/tokens.py: read": "unsign_object",
    "widget/identity.py: _claims": "jwt.decode",
    "analytics/weekly/stopping.py: agent_of": "unsign",
    "integrations/partner/invitations.py: find": "signing.loads",
}
CHECKING = re.compile(
    r"(^|\.)(hmac\.compare_digest|constant_time_compare|unsign|unsign_object|signing\.loads|jwt\.decode)$"
)
# Who makes an HMAC and checks none: to send it along, or to know something again without keeping it.
ONLY_MAKE = {"integrations/partner/registering.py", "integrations/webhooks/signing.py"}


def sources():
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR).as_posix(), ast.parse(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def trees():
    return dict(sources())


def suspicious(tree):
    """Return the comparisons of something that is called like a secret with something that is no literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(how, COMPARES) for how in node.ops):
            sides = [node.left, *node.comparators]
            if not any(isinstance(side, ast.Constant) for side in sides) and any(map(is_named_so, sides)):
                yield ast.unparse(node)


def is_named_so(side):
    """Whether the value that is compared, not what it is taken from, is called like a secret."""
    match side:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return bool(SECRET.search(name))
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name))):
            return bool(SECRET.search(name)) or is_named_so(value)
        case ast.Subscript(value=value):
            return is_named_so(value)
        case ast.Call(func=function, args=arguments):
            return is_named_so(function) or any(map(is_named_so, arguments))
        case ast.BinOp(left=left, right=right):
            return is_named_so(left) or is_named_so(right)
        case ast.JoinedStr(values=parts):
            return any(is_named_so(part.value) for part in parts if isinstance(part, ast.FormattedValue))
    return False


@pytest.mark.parametrize(
    "code",
    [
        "given == secret", "request.headers['x-signature'] != made", "digest.hexdigest() == text", "x in self.tokens",
        "key.secret_hash == hashed(text)", "f'Bearer {token}' == given", "body['mac'] == mac", "a == api_key",
    ],
)  # fmt: skip
def test_what_is_looked_for_is_found(code):
    assert list(suspicious(ast.parse(code)))


@pytest.mark.parametrize("code", ["kind == 'secret'", "token is None", "author == keyed", "machine == signal"])
def test_what_is_not_is_not(code):
    assert not list(suspicious(ast.parse(code)))


def test_no_secret_is_compared_in_a_time_that_tells(trees):
    found = {(path, code) for path, tree in trees.items() for code in suspicious(tree)}
    assert found == set(HARMLESS)


def checks_in(tree):
    """Return the functions that check something, each with the call that does it."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
            for match in filter(None, map(CHECKING.search, calls)):
                yield function.name, match[2]


def test_signatures_are_checked_by_what_is_made_for_it(trees):
    found = {f"{path}: {name}": by for path, tree in trees.items() for name, by in checks_in(tree)}
    assert found == CHECKS


def test_who_makes_a_signature_checks_it_so_too(trees):
    for path, tree in trees.items():
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if calls & {"hmac.new", "hmac.digest", "salted_hmac"} and path not in ONLY_MAKE:
            assert any(call.endswith(("compare_digest", "constant_time_compare")) for call in calls), path


def test_an_identity_token_is_checked_by_the_algorithms_that_we_name(trees):
    [call] = [
        node
        for node in ast.walk(trees["widget/identity.py"])
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "jwt.decode"
    ]
    assert "algorithms" in {keyword.arg for keyword in call.keywords}
    assert "verify_signature" not in ast.unparse(call)


def test_what_is_named_here_is_there():
    assert all((Path(settings.BASE_DIR) / path).exists() for path in ONLY_MAKE)
