"""The content security policy of the widget's frame: strict inside, and open to be embedded by its own sites only."""

from __future__ import annotations

from agents.models import Workspace

from .queries import allowed_patterns

_INSIDE = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    # Agents may send pictures that their company keeps elsewhere.
    "img-src": ["'self'", "data:", "blob:", "https:"],
    "media-src": ["'self'"],
    "font-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
}


def frame_policy(host: str, workspace: Workspace | None) -> str:
    """Return the header's value for a frame served at ``host``; without a workspace, nobody else may embed it."""
    sources = [s for pattern in (allowed_patterns(workspace) if workspace else []) for s in pattern.sources]
    directives = {
        **_INSIDE,
        # Older Safari does not count the sockets of the same host as 'self'.
        "connect-src": ["'self'", f"ws://{host}", f"wss://{host}"],
        "frame-ancestors": ["'self'", *dict.fromkeys(sources)],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())
