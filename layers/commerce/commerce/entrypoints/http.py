"""The edge of every HTTP endpoint: one factory on Powertools' event handler.

A handler file makes an `Api`, declares one route and exports `handler`:

    api = admin("catalog:write")

    @api.post("/v1/admin/products", status=201, replay=operations.product_again)
    def create_product(body: NewProduct) -> StaffProduct:
        return operations.create_product(new=body, call=api.call())

    handler = api.handler

The factory owns validation, problem documents, request ids, idempotency keys, `ETag`/`If-Match` and scopes.
"""

import base64
import binascii
import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError, ResponseValidationError
from aws_lambda_powertools.utilities.typing import LambdaContext

from commerce.entrypoints import json_body, problems
from commerce.entrypoints.caller import Caller
from commerce.entrypoints.invocations import invocation
from commerce.entrypoints.kept_answers import KeptAnswers
from commerce.entrypoints.problems import InternalError, TooLarge, UnsupportedContentType
from commerce.kernel import usage
from commerce.kernel.call import Call
from commerce.kernel.downloads import Download
from commerce.kernel.errors import CommerceError, Fault, Invalid, Malformed, NotFound, Unavailable
from commerce.kernel.idempotency import Once
from commerce.kernel.log import logger
from commerce.kernel.transactions import AlreadyDone

JSON = "application/json"
LARGEST_BODY_BYTES = 64 * 1024
LARGEST_WEBHOOK_BYTES = 240 * 1024
"""Less than a message of SQS holds (256 KiB)."""


class Replay(Protocol):
    """Renders the answer of a call that had its effect before, and finishes what it left undone."""

    def __call__(self, *, resource: str, call: Call) -> Any: ...


class UnknownRoute(NotFound):
    code = "request.unknown_route"
    title = "There is no such address; the API's document lists them all"


class Api:
    """One endpoint: a Powertools resolver, and everything at the edge that is the same for all."""

    def __init__(self, *, scope: str | None, largest_body_bytes: int = LARGEST_BODY_BYTES) -> None:
        self.scope = scope
        self._largest_body_bytes = largest_body_bytes
        self._extra_headers: dict[str, str | list[str]] = {}
        self._call: Call | None = None
        self._kept: KeptAnswers | None = None
        self._is_write = self._takes_body = False
        self.app = APIGatewayHttpResolver(
            enable_validation=True,
            json_body_deserializer=json_body.parse,
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
        )
        self.app.exception_handler(CommerceError)(self._problem)
        self.app.exception_handler(RequestValidationError)(self._invalid)
        self.app.exception_handler(ResponseValidationError)(self._unexpected)
        self.app.exception_handler(Exception)(self._unexpected)
        self.app.not_found(self._not_found)

    def get(self, path: str, *, shared: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a read.

        :param shared: whether its answer is the same for everybody who asks for the address. Such answers are kept for
            a few seconds by this process, longer by CloudFront and browsers, and have an ETag to ask again with.
        """
        if shared:
            self._kept = KeptAnswers()
        return self._route("GET", path, status=HTTPStatus.OK, replay=None, takes_if_match=False)

    def post(
        self,
        path: str,
        *,
        status: int = HTTPStatus.OK,
        replay: Replay | None,
        takes_if_match: bool = False,
        may_miss: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a write by POST.

        `replay` renders its answer for a repeated Idempotency-Key; None for callers that send none, as Stripe. An
        answer whose `existed` is true found the thing already made and gets 200.

        :param may_miss: whether the body names a thing that may not be there, as paths do.
        """
        return self._route("POST", path, status=status, replay=replay, takes_if_match=takes_if_match, may_miss=may_miss)

    def put(
        self, path: str, *, replay: Replay, takes_if_match: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a write by PUT."""
        return self._route("PUT", path, status=HTTPStatus.OK, replay=replay, takes_if_match=takes_if_match)

    def patch(
        self, path: str, *, replay: Replay, takes_if_match: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a write by PATCH."""
        return self._route("PATCH", path, status=HTTPStatus.OK, replay=replay, takes_if_match=takes_if_match)

    def delete(
        self, path: str, *, replay: Replay, takes_if_match: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a write by DELETE."""
        return self._route("DELETE", path, status=HTTPStatus.OK, replay=replay, takes_if_match=takes_if_match)

    def _route(
        self,
        method: str,
        path: str,
        *,
        status: int,
        replay: Replay | None,
        takes_if_match: bool,
        may_miss: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            # Stripe's bytes are read as they came, by `body()`.
            self._is_write = replay is not None
            reads_raw = method == "POST" and replay is None
            signature = inspect.signature(function)
            self._takes_body = reads_raw or "body" in signature.parameters
            answer = {"description": "Done.", "content": _content(signature.return_annotation)}
            summary = (inspect.getmodule(function) or function).__doc__ or ""
            self.app.route(
                path.replace("{", "<").replace("}", ">"),
                [method],
                status_code=status,
                summary=summary.strip().splitlines()[0].partition(": ")[2].rstrip(".") if summary else None,
                operation_id=function.__name__,
                openapi_extensions={
                    "x-tradewind": {
                        "write": replay is not None,
                        "if_match": takes_if_match,
                        "may_miss": may_miss or "{" in path,
                        "scope": self.scope,
                        "shared": self._kept is not None,
                    }
                },
                responses=_RESPONSES | {status: answer},
            )(self._wrapped(function, replay=replay, status=status, signature=signature))
            return function

        return declare

    def _wrapped(
        self, function: Callable[..., Any], *, replay: Replay | None, status: int, signature: inspect.Signature
    ) -> Callable[..., Any]:
        promised: type[Any] = signature.return_annotation
        is_file = issubclass(promised, Download)
        model = promised if is_file else promised.__pydantic_generic_metadata__["origin"] or promised

        @functools.wraps(function)
        def endpoint(**parameters: Any) -> Response[Any]:
            if self.scope is not None:
                self._caller().actor.require(self.scope)
            if replay is not None:
                self._check_query()
            self._extra_headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
            answer = function(**parameters) if replay is None else self._once(function, parameters, replay)
            version = getattr(answer, "version", None)
            if isinstance(version, int):
                self._extra_headers["ETag"] = f'"{version}"'
            if not isinstance(answer, model):
                message = f"{function.__name__} promises a {promised.__name__} and returned a {type(answer).__name__}"
                raise TypeError(message)
            if is_file:
                self._extra_headers["Content-Disposition"] = f'inline; filename="{answer.name}"'
                return Response(status_code=status, content_type=answer.media_type, body=answer.content)
            code = HTTPStatus.OK if getattr(answer, "existed", False) else status
            return Response(status_code=code, content_type=JSON, body=answer.model_dump_json(by_alias=True))

        # Given the type, Powertools takes models apart, validates them again and renders dicts, at many times the CPU.
        vars(endpoint)["__signature__"] = signature.replace(return_annotation=inspect.Signature.empty)
        return endpoint

    def _check_query(self) -> None:
        """Refuse a write with a parameter that it does not know: carried out without, it may not be what was meant."""
        known = {parameter.alias for parameter in self.app.context["_route"].dependant.query_params}
        unknown = sorted(self.app.current_event.query_string_parameters.keys() - known)
        if unknown:
            raise _invalid_parameter(
                unknown[0] or "query", "This call takes no such parameter in its address; leave it out."
            )

    def _once(self, function: Callable[..., Any], parameters: dict[str, Any], replay: Replay) -> Any:
        """Run a write, or render the answer of the call that had its effect before."""
        call = self.call()
        if call.once is None:
            return function(**parameters)
        done = call.once.resource_done(now=call.now)
        if done is None:
            try:
                return function(**parameters)
            except (AlreadyDone, CommerceError) as error:
                done = _done_by_a_twin(call.once, error, now=call.now)
                if done is None:
                    raise
        self._extra_headers["Idempotent-Replayed"] = "true"
        return replay(resource=done, call=call)

    def call(self) -> Call:
        """Return who asks, when, and under which idempotency key: the same for the whole request."""
        if self._call is None:
            body = self.app.current_event.decoded_body or ""
            self._call = self._caller().call(fingerprinted=body if self._is_write else None)
        return self._call

    def body(self) -> str:
        """Return the request's body as it came, for signatures over it."""
        return self.app.current_event.body or ""

    def _caller(self) -> Caller:
        return Caller(self.app.current_event)

    @invocation
    def handler(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one API Gateway v2 request. No input makes a 5xx."""
        usage.count("api_gateway.request")
        usage.count("cloudfront.request")
        request_id = context.aws_request_id
        logger.append_keys(request_id=request_id, route=event.get("routeKey", ""))
        if self._kept is not None and (kept := self._kept.answer(event)) is not None:
            kept["headers"]["X-Request-Id"] = request_id
            return kept
        self._extra_headers = {}
        self._call = None
        try:
            self._check_body(event)
            answer = self.app.resolve(event, context)
            if self._kept is not None:
                answer = self._kept.keep(event, answer)
        except CommerceError as error:
            return self._plain(error, request_id)
        except Exception:  # noqa: BLE001 - whatever it is, the caller reads a problem document.
            logger.exception("unexpected failure at the edge")
            return self._plain(InternalError(), request_id)
        headers = {**self._extra_headers, **answer.get("headers", {})}
        answer["headers"] = {**headers, "X-Request-Id": request_id}
        return answer

    def _check_body(self, event: dict[str, Any]) -> None:
        """Look at the body's envelope before Powertools does: whether one is taken, size, base64 and content type."""
        if self._is_write and not self._takes_body and (event.get("body") or "").strip() not in {"", "{}"}:
            raise _invalid_parameter("body", "This call takes no body; leave it out.")
        if not self._takes_body or not event.get("body"):
            # Powertools wants a content type that it knows even where there is nothing to read.
            event["headers"] = {**(event.get("headers") or {}), "content-type": JSON}
            event["body"], event["isBase64Encoded"] = None, False
            return
        if event.get("isBase64Encoded"):
            try:
                text = base64.b64decode(event["body"], validate=True).decode()
            except (binascii.Error, ValueError) as error:
                detail = "The body is not UTF-8 text."
                raise Malformed(detail) from error
            event["body"], event["isBase64Encoded"] = text, False
        if len(event["body"].encode(errors="surrogatepass")) > self._largest_body_bytes:
            detail = f"The body may have {self._largest_body_bytes} bytes at most."
            raise TooLarge(detail)
        content_type = (event.get("headers") or {}).get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != JSON:
            raise UnsupportedContentType
        # Powertools knows this one spelling and calls every other an error of ours.
        event["headers"] |= {"content-type": JSON}

    def _problem(self, error: CommerceError) -> Response[str]:
        return problems.response(error, request_id=self.app.lambda_context.aws_request_id)

    def _invalid(self, error: RequestValidationError) -> Response[str]:
        if any(entry["loc"][0] == "path" for entry in error.errors()):
            return self._problem(NotFound())
        faults = tuple(_fault(entry) for entry in error.errors())
        detail = "; ".join(f"{fault.param}: {fault.message}" for fault in faults[:3])
        return self._problem(Invalid(detail, errors=faults))

    def _unexpected(self, error: Exception) -> Response[str]:
        logger.exception("unexpected failure", exc_info=error)
        return self._problem(InternalError())

    def _not_found(self, _: Exception) -> Response[str]:
        return self._problem(UnknownRoute())

    @staticmethod
    def _plain(error: CommerceError, request_id: str) -> dict[str, Any]:
        answer = problems.response(error, request_id=request_id)
        headers = {**answer.headers, "Content-Type": problems.CONTENT_TYPE, "X-Request-Id": request_id}
        return {"statusCode": answer.status_code, "headers": headers, "body": answer.body, "isBase64Encoded": False}


def storefront() -> Api:
    """Return the edge of an endpoint that anybody may call."""
    return Api(scope=None)


def admin(scope: str, *, largest_body_bytes: int = LARGEST_BODY_BYTES) -> Api:
    """Return the edge of an endpoint for staff whose key has `scope`."""
    return Api(scope=scope, largest_body_bytes=largest_body_bytes)


def webhook() -> Api:
    """Return the edge of an endpoint that other services post to."""
    return Api(scope=None, largest_body_bytes=LARGEST_WEBHOOK_BYTES)


def _done_by_a_twin(once: Once, error: Exception, *, now: datetime) -> str | None:
    """Return what an equal request, at work at the same moment, did before this one was refused; None if none did.

    A refusal may well be the twin's doing: the version has moved, the money is refunded, the method is deleted.
    """
    if once.is_recorded or isinstance(error, Unavailable):
        return None
    return once.resource_done(now=now)


def _content(promised: type[Any]) -> dict[str, Any]:
    """Return how the document describes what an endpoint answers: a model's JSON, or a file as it is."""
    if issubclass(promised, Download):
        return {promised.media_type: {"schema": {"type": "string", "contentMediaType": promised.media_type}}}
    return {JSON: {"model": promised}}


def _invalid_parameter(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", errors=(Fault(param=name, code="invalid.extra_forbidden", message=message),))


def _fault(entry: Mapping[str, Any]) -> Fault:
    location = [str(part) for part in entry["loc"] if part not in {"body", "query", "path"}]
    return Fault(
        param=".".join(location) or str(entry["loc"][0]),
        code=f"invalid.{entry['type']}",
        message=_WORDS.get(entry["type"]) or _sentence(entry.get("msg", "")),
    )


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").strip() or "This is not valid."


_WORDS = {
    "bool_parsing": "This must be true or false.",
    "dict_type": "This must be an object.",
    "extra_forbidden": "There is nothing of this name here; leave it out.",
    "missing": "This is needed.",
    "model_attributes_type": "This must be an object.",
    "model_type": "This must be an object.",
}
"""Where pydantic speaks to Python programmers, in words for those who call an API."""

_RESPONSES: dict[int, Any] = {
    status: {"description": description, "content": {problems.CONTENT_TYPE: {"model": problems.Problem}}}
    for status, description in {
        400: "The request cannot be read.",
        403: "The key lacks the scope.",
        404: "Nothing there, or not yours.",
        409: "It conflicts with the present state.",
        412: "It was changed since you read it.",
        413: "The body is too large.",
        415: "The body is not declared as JSON.",
        422: "A parameter is not valid.",
        429: "Too many requests of this kind.",
        503: "A part of the store does not answer.",
    }.items()
}
