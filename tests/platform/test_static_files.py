"""Static files as browsers get them: under hashed names, ours without what only people read."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

OURS = Path(settings.BASE_DIR, "static")
_COMMENT = re.compile(r"^\s*//", re.MULTILINE)


@pytest.fixture
def served(template):
    """Return a function from a static file's name to its text as it is served."""
    names = json.loads((template.static / "staticfiles.json").read_text())["paths"]
    return lambda name: (template.static / names[name]).read_text()


def test_a_script_comes_without_comments_and_names_others_as_they_are_served(template, served):
    names = {str(path.relative_to(OURS)) for path in OURS.rglob("*.js") if "vendor" not in path.parts}
    named = set()
    for name in names:
        text = served(name)
        assert not _COMMENT.search(text), name
        for other in re.findall(r"(?:from|import)\s*\(?['\"](\./[^'\"]+)['\"]", text):
            assert (template.static / Path(name).parent / other).exists(), (name, other)
            assert f"{Path(name).parent}/{Path(other).name}" not in names, f"{name} loads {other} by its bare name"
            named.add(other)
    assert len(named) > 20


def test_what_others_wrote_comes_as_they_wrote_it(served):
    name = "vendor/uplot/uPlot.iife.min.js"
    assert served(name) == (OURS / name).read_text()


def test_a_style_sheet_comes_without_comments(served):
    written = (OURS / "inbox/layout.css").read_text()
    assert "/*" in written
    assert "/*" not in served("inbox/layout.css")
    assert len(served("inbox/layout.css")) < len(written)
