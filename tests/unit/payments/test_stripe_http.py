"""How Stripe's SDK speaks HTTP: what is repeated, what is not, and how long a silent server is waited for."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import stripe

from commerce.adapters.stripe_http import Urllib3Client

TIMEOUT_SECONDS = 0.3


@contextmanager
def server(answer: bytes | None) -> Iterator[str]:
    """Serve one connection: answer these bytes, or nothing at all, and hang up in the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                if answer is None:
                    connection.recv(65536)
                else:
                    connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    thread.join(5)


@pytest.fixture
def client() -> Iterator[Urllib3Client]:
    made = Urllib3Client(timeout_seconds=TIMEOUT_SECONDS)
    yield made
    made.close()


def refusal(client: Urllib3Client, url: str) -> stripe.APIConnectionError:
    with pytest.raises(stripe.APIConnectionError) as refused:
        client.request("post", url, {}, "amount=1")
    client.close()
    return refused.value


def test_answers_body_status_and_headers_whatever_their_case(client: Urllib3Client) -> None:
    answer = b"HTTP/1.1 402 Payment Required\r\nContent-Length: 2\r\nRequest-Id: req_1\r\n\r\n{}"
    with server(answer) as address:
        body, status, headers = client.request("post", f"http://{address}/v1/refunds", {}, "amount=1")
        client.close()

    assert (body, status, headers["request-id"]) == (b"{}", 402, "req_1")


def test_follows_no_redirect(client: Urllib3Client) -> None:
    answer = b"HTTP/1.1 307 Elsewhere\r\nContent-Length: 0\r\nLocation: http://192.0.2.1/\r\n\r\n"
    with server(answer) as address:
        _, status, _ = client.request("post", f"http://{address}/v1/refunds", {}, "amount=1")
        client.close()

    assert status == 307


def test_waits_for_a_silent_server_no_longer_than_it_may_and_lets_the_sdk_repeat(client: Urllib3Client) -> None:
    with server(None) as address:
        began = time.monotonic()
        error = refusal(client, f"http://{address}/v1/refunds")

    assert error.should_retry
    assert time.monotonic() - began < TIMEOUT_SECONDS * 5


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"], ids=["nothing", "a part"])
def test_lets_the_sdk_repeat_what_was_answered_in_part_or_not_at_all(client: Urllib3Client, answer: bytes) -> None:
    with server(answer) as address:
        assert refusal(client, f"http://{address}/v1/refunds").should_retry


def test_lets_the_sdk_repeat_when_nobody_listens(client: Urllib3Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert refusal(client, f"http://127.0.0.1:{port}/v1/refunds").should_retry


def test_does_not_repeat_where_the_certificate_is_wrong(client: Urllib3Client) -> None:
    with server(b"this is no TLS\r\n\r\n") as address:
        assert not refusal(client, f"https://{address}/v1/refunds").should_retry
