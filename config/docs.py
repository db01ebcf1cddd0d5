"""/docs/: the files of docs/, as pages."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

FOLDER: Path = settings.BASE_DIR / "docs"


def index(request: HttpRequest) -> HttpResponse:
    """List the documents, each under its own first heading."""
    documents = [{"name": path.stem, "title": _title(path)} for path in sorted(FOLDER.glob("*.md"))]
    return render(request, "docs/index.html", {"documents": documents})


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one document. The route lets no slash or dot into ``name``."""
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        raise Http404
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(path.read_text())
    return render(request, "docs/page.html", {"title": _title(path), "body": mark_safe(html)})  # noqa: S308  # our own text


def _title(path: Path) -> str:
    with path.open() as lines:
        return lines.readline().lstrip("# ").strip() or path.stem
