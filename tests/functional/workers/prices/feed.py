"""A source of exchange rates over loopback that answers well, badly, slowly, or not at all."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def file_of(day: str, **rates: str) -> bytes:
    """Return the file of a day, as the European Central Bank writes it."""
    cubes = "".join(f"<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject>
<Cube><Cube time='{day}'>{cubes}</Cube></Cube></gesmes:Envelope>""".encode()


@dataclass
class Feed:
    """What the source answers next.

    :ivar pause: seconds before each piece of the answer.
    :ivar pieces: in how many pieces the answer comes.
    """

    content: bytes = b""
    status: int = 200
    pause: float = 0
    pieces: int = 1
    url: str = ""
    asked: int = 0
    closed: threading.Event = field(default_factory=threading.Event)


@contextmanager
def running_feed() -> Iterator[Feed]:
    """Run the source."""
    feed = Feed()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked += 1
            self.send_response(feed.status)
            if 300 <= feed.status < 400:
                self.send_header("Location", feed.url)
            self.end_headers()
            size = max(len(feed.content) // feed.pieces, 1)
            try:
                for start in range(0, len(feed.content), size):
                    feed.closed.wait(feed.pause)
                    self.wfile.write(feed.content[start : start + size])
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name.
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    feed.url = f"http://127.0.0.1:{server.server_address[1]}/eurofxref-daily.xml"
    try:
        yield feed
    finally:
        feed.closed.set()
        time.sleep(0)
        server.shutdown()
        server.server_close()
        thread.join()
