"""What callers see who have no key, the wrong one, or a browser."""

import httpx
import pytest
import stripe

from tests.unit.local_stripe.shop import Shop

SECRET = {"Authorization": "Bearer sk_test_tradewind_local"}
PUBLISHABLE = {"Authorization": "Bearer pk_test_tradewind_local"}


class TestKeys:
    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk_test_other"}, {"Authorization": "Basic !"}])
    def test_are_asked_for(self, shop: Shop, headers: dict[str, str]) -> None:
        answer = shop.http.get("/v1/payment_intents", headers=headers)

        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert answer.headers["request-id"].startswith("req_")

    def test_make_the_sdk_raise(self, shop: Shop) -> None:
        client = stripe.RequestsClient()
        stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": shop.running.url}, http_client=client)

        with pytest.raises(stripe.AuthenticationError):
            stranger.v1.payment_intents.list()

        client.close()

    def test_may_come_as_curl_sends_them(self, shop: Shop) -> None:
        answer = shop.http.get("/v1/account", auth=("sk_test_tradewind_local", ""))

        assert answer.json()["object"] == "account"

    def test_of_browsers_open_little(self, shop: Shop) -> None:
        answer = shop.http.get("/v1/payment_intents", headers=PUBLISHABLE)

        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "secret_key_required")


class TestBrowser:
    def test_confirms_with_the_client_secret(self, shop: Shop) -> None:
        intent = shop.intent(metadata={"margin": "high"})
        form = {
            "client_secret": intent.client_secret,
            "payment_method_data[type]": "card",
            "payment_method_data[card][number]": "4242424242424242",
            "payment_method_data[billing_details][email]": "ada@shop.example",
        }

        answer = shop.http.post(
            f"/v1/payment_intents/{intent.id}/confirm", data=form, headers=PUBLISHABLE | {"Origin": "http://shop"}
        )

        assert answer.json()["status"] == "succeeded"
        assert "metadata" not in answer.json()
        assert "latest_charge" not in answer.json()
        assert answer.headers["access-control-allow-origin"] == "*"
        assert shop.charge(intent).billing_details.email == "ada@shop.example"

    def test_hides_as_much_in_a_decline(self, shop: Shop) -> None:
        intent = shop.intent(metadata={"margin": "high"})
        form = {"client_secret": intent.client_secret, "payment_method": "pm_card_chargeDeclined"}

        answer = shop.http.post(f"/v1/payment_intents/{intent.id}/confirm", data=form, headers=PUBLISHABLE)

        assert answer.status_code == 402
        assert "metadata" not in answer.json()["error"]["payment_intent"]

    @pytest.mark.parametrize("secret", [{}, {"client_secret": "pi_1_secret_x"}])
    def test_gets_nothing_without_the_secret(self, shop: Shop, secret: dict[str, str]) -> None:
        intent = shop.intent()

        answer = shop.http.get(f"/v1/payment_intents/{intent.id}", params=secret, headers=PUBLISHABLE)

        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == "client_secret"

    def test_asks_before_a_call_from_another_origin(self, shop: Shop) -> None:
        headers = {
            "Origin": "http://127.0.0.1:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }

        api = shop.http.options("/v1/payment_intents/pi_1/confirm", headers=headers)
        control = shop.http.options("/_control/pay", headers=headers)

        assert (api.status_code, control.status_code) == (200, 405)
        assert "access-control-allow-origin" not in control.headers


class TestBadInput:
    @pytest.mark.parametrize(
        ("method", "path", "content"),
        [
            ("GET", "/v1/customers", b""),
            ("DELETE", "/v1/payment_intents/pi_1", b""),
            ("GET", "/v1/payment_intents/%00", b""),
            ("GET", "/v1/payment_intents/pi_1/confirm/x", b""),
            ("POST", "/v1/payment_intents", b'{"amount": 1, "currency": "usd"}'),
            ("POST", "/v1/payment_intents", b"amount=%ff&currency=usd"),
            ("POST", "/v1/payment_intents", b"\xff"),
            ("POST", "/v1/payment_intents", b"amount=1&amount[x]=2&currency=usd"),
            ("POST", "/v1/payment_intents", b"amount[x]=1&amount=2&currency=usd"),
            ("POST", "/v1/payment_intents", b"a[b][c][d][e][f][g][h][i]=1"),
            ("POST", "/v1/payment_intents", b"[]=1"),
            ("POST", "/v1/payment_intents", b"&".join(b"a%d=1" % number for number in range(1001))),
            ("POST", "/v1/payment_intents", b"amount=900&currency=usd&metadata=x"),
            ("POST", "/v1/payment_intents", b"amount=900&currency=usd&expand=latest_charge"),
            ("POST", "/v1/payment_intents", b"amount=900&currency=usd&payment_method_options[card]=x"),
            ("POST", "/v1/payment_intents", b"amount=900&currency=usd&capture_method[]=manual"),
            ("POST", "/v1/refunds", b"payment_intent[]=pi_1"),
        ],
    )
    def test_is_never_an_error_of_ours(self, shop: Shop, method: str, path: str, content: bytes) -> None:
        headers = SECRET | {"Content-Type": "application/x-www-form-urlencoded"}

        answer = shop.http.request(method, path, content=content, headers=headers)

        assert 400 <= answer.status_code < 500
        assert answer.json()["error"]["message"]

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("pay", b"{"),
            ("pay", b"[]"),
            ("pay", b"{}"),
            ("pay", b'{"payment_intent": 1}'),
            ("pay", b'{"payment_intent": "pi_1", "pin": "0000"}'),
            ("clock", b'{"offset_seconds": "1"}'),
            ("clock", b'{"offset_seconds": true}'),
            ("clock", b'{"offset_seconds": NaN}'),
            ("clock", b'{"offset_seconds": 1' + b"0" * 400 + b"}"),
            ("clock", b"[" * 100_000),
            ("deliver", b'{"resend": {"a": 1}}'),
            ("deliver", b'{"resend": ["evt_nobody"]}'),
            ("process", b'{"payment_intent": "pi_1", "outcome": "explode"}'),
            ("webhooks", b'{"drop_types": "x"}'),
            ("dispute", b'{"charge": "ch_1"}'),
            ("refund/fail", b'{"refund": "re_1"}'),
        ],
    )
    def test_is_refused_by_the_control_surface(self, shop: Shop, path: str, body: bytes) -> None:
        answer = shop.http.post(f"/_control/{path}", content=body)

        assert answer.status_code == 400
        assert answer.json()["error"]["message"]

    def test_names_an_unknown_parameter(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="Received unknown parameters: colour, size") as refused:
            shop.intent(colour="red", size="M")

        assert (refused.value.code, refused.value.param) == ("parameter_unknown", "colour")

    def test_answers_a_miss_with_404(self, shop: Shop) -> None:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.api.payment_intents.retrieve("pi_nobody")

        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")

    @pytest.mark.parametrize("path", ["process", "authenticate"])
    def test_does_not_end_what_has_not_begun(self, shop: Shop, path: str) -> None:
        answer = shop.http.post(f"/_control/{path}", json={"payment_intent": shop.intent().id})

        assert answer.json()["error"]["code"] == "payment_intent_unexpected_state"


class TestPayPage:
    def test_lets_a_person_pay(self, shop: Shop) -> None:
        intent = shop.intent(amount=123456, metadata={"x": "<script>"})
        address = f"/pay/{intent.client_secret}?return_url=https://shop.example/done?a=1"

        page = shop.http.get(address)
        paid = shop.http.post(address, data={"payment_method": "pm_card_visa", "card": ""})

        assert "Pay $1,234.56 usd" in page.text
        assert '<label for="payment_method">' in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "Paid." in paid.text
        assert f"https://shop.example/done?a=1&amp;payment_intent={intent.id}" in paid.text
        assert shop.read(intent).status == "succeeded"

    def test_shows_a_decline_and_the_form_again(self, shop: Shop) -> None:
        intent = shop.intent()

        page = shop.http.post(f"/pay/{intent.client_secret}", data={"card": "4000000000009995"})

        assert "Your card has insufficient funds." in page.text
        assert "<form" in page.text

    @pytest.mark.parametrize(("button", "status"), [("pass", "succeeded"), ("fail", "requires_payment_method")])
    def test_plays_the_bank(self, shop: Shop, button: str, status: str) -> None:
        intent = shop.intent()
        address = f"/pay/{intent.client_secret}"

        challenge = shop.http.post(address, data={"payment_method": "pm_card_authenticationRequired"})
        shop.http.post(address, data={"authentication": button})

        assert "Complete authentication" in challenge.text
        assert shop.read(intent).status == status

    def test_says_what_cannot_be_done(self, shop: Shop) -> None:
        page = shop.http.post(f"/pay/{shop.intent().client_secret}", data={"payment_method": "<b>"})

        assert "No such PaymentMethod: &#x27;&lt;b&gt;&#x27;" in page.text

    def test_does_not_lead_to_a_script_or_exist_for_strangers(self, shop: Shop) -> None:
        intent = shop.paid()

        hostile = shop.http.get(f"/pay/{intent.client_secret}?return_url=javascript:alert(1)")
        stranger = shop.http.get(f"/pay/{intent.id}_secret_guess")

        assert "javascript" not in hostile.text
        assert stranger.status_code == 404


def test_answers_carry_stripes_headers(shop: Shop) -> None:
    answer: httpx.Response = shop.http.get("/v1/balance", headers=SECRET)

    assert answer.headers["stripe-version"] == "2026-10-28.endive"
    assert answer.headers["content-type"] == "application/json"
