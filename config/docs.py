"""/docs/: the contracts, each with a page to browse and an OpenAPI file, and the files of docs/ as pages."""

import re
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

from integrations.openapi import Contract
from integrations.openapi.document import document

from .contracts import BY_NAME, CONTRACTS

FOLDER: Path = settings.BASE_DIR / "docs"


def index(request: HttpRequest) -> HttpResponse:
    """List the contracts, and the documents, each under its own first heading with its first sentence."""
    documents = [_heading(path) for path in sorted(FOLDER.glob("*.md"))]
    return render(request, "docs/index.html", {"contracts": CONTRACTS, "documents": documents})


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one document. The route lets no slash or dot into ``name``."""
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        raise Http404
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(path.read_text(encoding="utf-8"))
    return render(request, "docs/page.html", {"title": _heading(path)["title"], "body": mark_safe(html)})  # noqa: S308  # our own text


def contract(request: HttpRequest, name: str) -> HttpResponse:
    """Show one contract's operations, to read and to try."""
    return render(request, "docs/contract.html", {"contract": _contract(name)})


def openapi(request: HttpRequest, name: str) -> JsonResponse:
    """Answer the contract's OpenAPI document, as this installation is reached. Anybody may read it, from anywhere."""
    shown = document(_contract(name), f"{request.scheme}://{request.get_host()}")
    answer = JsonResponse(shown, json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _contract(name: str) -> Contract:
    if name not in BY_NAME:
        raise Http404
    return BY_NAME[name]


def _heading(path: Path) -> dict[str, str]:
    """Return a document's name, its first heading and its first sentence, both without marks."""
    blocks = [block.strip() for block in path.read_text(encoding="utf-8").split("\n\n")]
    title = blocks[0].lstrip("# ").strip() or path.stem
    prose = next((block for block in blocks[1:] if block[:1] not in "#|-"), "")
    plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", " ".join(prose.split()))
    return {"name": path.stem, "title": title, "about": re.split(r"(?<=\.)\s", plain)[0]}
