"""The API explorer: `/docs` over docs/openapi.json, with the assets that Powertools ships."""

import json
from pathlib import Path

import aws_lambda_powertools.event_handler.openapi as powertools_openapi

from local.gateway.responses import HttpResponse

_ASSETS = Path(powertools_openapi.__file__).parent / "swagger_ui"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tradewind API</title>
<link rel="stylesheet" href="/docs/swagger-ui.min.css">
<link rel="icon" href="data:,">
</head>
<body>
<main id="explorer"></main>
<noscript>The explorer needs JavaScript; the document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.min.js"></script>
<script>
SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#explorer", deepLinking: true, filter: true,
  persistAuthorization: true, tryItOutEnabled: true, displayRequestDuration: true,
});
</script>
</body>
</html>
"""


class Explorer:
    """Answers the explorer's paths on the store's port. The document is read anew each time."""

    def __init__(self, *, document: Path, store_url: str) -> None:
        self._document = document
        self._store_url = store_url

    async def page(self, path: str) -> HttpResponse | None:
        """Answer a path of the explorer; None for every other."""
        if path in ("/docs", "/docs/"):
            return _answer(200, "text/html; charset=utf-8", _PAGE.encode())
        if path == "/openapi.json":
            return self._openapi()
        if path.startswith("/docs/"):
            asset = _ASSETS / Path(path).name
            if asset.suffix in _TYPES and asset.is_file():
                return _answer(200, _TYPES[asset.suffix], asset.read_bytes())
            return _answer(404, "text/plain; charset=utf-8", b"There is no such page.")
        return None

    def _openapi(self) -> HttpResponse:
        if not self._document.exists():
            text = f"{self._document.name} has not been generated yet: run `make openapi`."
            return _answer(404, "text/plain; charset=utf-8", text.encode())
        document = json.loads(self._document.read_text(encoding="utf-8"))
        document["servers"] = [{"url": self._store_url, "description": "This local store"}]
        return _answer(200, "application/json", json.dumps(document).encode())


def _answer(status: int, content_type: str, body: bytes) -> HttpResponse:
    return HttpResponse(status, (("content-type", content_type), ("cache-control", "no-store")), body)
