"""The web files in the package, read into a table once: what is not in it cannot be asked for."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response

WEB = Path(__file__).parent / "web"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".png": "image/png",
    ".webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class WebFile:
    """`content` as it lies on disk: gzipped for the large ones that we only ship so."""

    content: bytes
    media_type: str
    etag: str
    is_gzipped: bool

    def response(self, request: Request, **headers: str) -> Response:
        """The file, or 304 when the browser holds it already."""
        headers = {"ETag": self.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"} | headers
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if not self.is_gzipped:
            return Response(self.content, media_type=self.media_type, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.content, media_type=self.media_type, headers=headers | {"Content-Encoding": "gzip"})
        return Response(gzip.decompress(self.content), media_type=self.media_type, headers=headers)


def read_files(folder: Path) -> dict[str, WebFile]:
    """Return the folder's web files by name; a file of a type that browsers do not load is left out."""
    files = {path.name.removesuffix(".gz"): path for path in sorted(folder.glob("*")) if path.is_file()}
    return {name: _read(name, path) for name, path in files.items() if Path(name).suffix in _TYPES}


def _read(name: str, path: Path) -> WebFile:
    content = path.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    return WebFile(content, _TYPES[Path(name).suffix], etag, path.suffix == ".gz")
