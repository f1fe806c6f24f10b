"""Every object has every field that Stripe's own has."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.local_stripe.shop import Shop

INTENT = """id object amount amount_capturable amount_details amount_received application application_fee_amount
    automatic_payment_methods canceled_at cancellation_reason capture_method client_secret confirmation_method created
    currency customer customer_account description excluded_payment_method_types last_payment_error latest_charge
    livemode managed_payments metadata next_action on_behalf_of payment_method payment_method_configuration_details
    payment_method_options payment_method_types processing receipt_email review setup_future_usage shipping source
    statement_descriptor statement_descriptor_suffix status transfer_data transfer_group"""
CHARGE = """id object amount amount_captured amount_refunded application application_fee application_fee_amount
    balance_transaction billing_details calculated_statement_descriptor captured created currency customer description
    disputed failure_balance_transaction failure_code failure_message fraud_details livemode metadata on_behalf_of
    outcome paid payment_intent payment_method payment_method_details receipt_email receipt_number receipt_url refunded
    refunds review shipping source source_transfer statement_descriptor statement_descriptor_suffix status
    transfer_data transfer_group"""
CARD = """amount_authorized authorization_code brand checks country exp_month exp_year extended_authorization
    fingerprint funding incremental_authorization installments last4 mandate multicapture network network_token
    network_transaction_id overcapture regulated_status three_d_secure transaction_link_id wallet"""
OUTCOME = "advice_code network_advice_code network_decline_code network_status reason seller_message type"
REFUND = """id object amount balance_transaction charge created currency customer customer_account destination_details
    metadata payment_intent payment_method reason receipt_number source_transfer_reversal status transfer_reversal"""
DISPUTE = """id object amount balance_transactions charge created currency enhanced_eligibility_types evidence
    evidence_details is_charge_refundable livemode metadata payment_intent payment_method_details reason status"""
EVIDENCE = """access_activity_log billing_address cancellation_policy cancellation_policy_disclosure
    cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip
    customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
    enhanced_evidence product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation
    service_date service_documentation shipping_address shipping_carrier shipping_date shipping_documentation
    shipping_tracking_number uncategorized_file uncategorized_text"""
TRANSACTION = """id object amount available_on balance_type created currency description exchange_rate fee fee_details
    net reporting_category source status type"""
EVENT = "id object api_version created data livemode pending_webhooks request type"
ENDPOINT = "id object api_version application created description enabled_events livemode metadata status url"
METHOD = """id object allow_redisplay billing_details card created customer customer_account livemode metadata type"""
METHOD_CARD = """brand checks country display_brand exp_month exp_year fingerprint funding generated_from last4 networks
    regulated_status three_d_secure_usage wallet"""
ACCOUNT = """id object business_profile business_type capabilities charges_enabled controller country created
    default_currency details_submitted email external_accounts future_requirements metadata payouts_enabled
    requirements settings tos_acceptance type"""
BALANCE = "object available connect_reserved livemode pending"
ADDRESS = "city country line1 line2 postal_code state"


def missing(answer: Mapping[str, Any], fields: str) -> set[str]:
    return set(fields.split()) - set(answer)


class TestFields:
    def test_of_an_intent_in_every_state(self, shop: Shop) -> None:
        states = [
            shop.intent(),
            shop.paid(),
            shop.paid("pm_card_authenticationRequired"),
            shop.paid("pm_usBankAccount_success"),
            shop.paid(capture_method="manual"),
        ]

        assert {intent.status for intent in states} == {
            "requires_payment_method",
            "succeeded",
            "requires_action",
            "processing",
            "requires_capture",
        }
        assert [missing(intent.to_dict(), INTENT) for intent in states] == [set()] * 5

    def test_of_charges_and_their_payment_method(self, shop: Shop) -> None:
        charge = shop.charge(shop.paid()).to_dict()
        method = shop.api.payment_methods.retrieve(charge["payment_method"]).to_dict()

        assert missing(charge, CHARGE) == set()
        assert missing(charge["payment_method_details"]["card"], CARD) == set()
        assert missing(charge["outcome"], OUTCOME) == set()
        assert missing(charge["billing_details"], "address email name phone tax_id") == set()
        assert missing(charge["billing_details"]["address"], ADDRESS) == set()
        assert missing(method, METHOD) == set()
        assert missing(method["card"], METHOD_CARD) == set()

    def test_of_refunds_disputes_and_balance_transactions(self, shop: Shop) -> None:
        intent = shop.paid(capture_method="automatic")
        refund = shop.api.refunds.create({"payment_intent": intent.id, "amount": 100}).to_dict()
        dispute = shop.control("dispute", payment_intent=intent.id)
        transactions = shop.api.balance_transactions.list().data

        assert missing(refund, REFUND) == set()
        assert missing(dispute, DISPUTE) == set()
        assert missing(dispute["evidence"], EVIDENCE) == set()
        assert missing(dispute["evidence_details"], "due_by enhanced_eligibility has_evidence past_due") == set()
        assert [missing(each.to_dict(), TRANSACTION) for each in transactions] == [set()] * 3

    def test_of_the_account_and_its_endpoint(self, shop: Shop) -> None:
        shop.paid()
        endpoint = shop.api.webhook_endpoints.list().data[0]
        account = shop.api.accounts.retrieve_current()

        assert missing(shop.api.events.list().data[0].to_dict(), EVENT) == set()
        assert missing(shop.api.webhook_endpoints.retrieve(endpoint.id).to_dict(), ENDPOINT) == set()
        assert missing(account.to_dict(), ACCOUNT) == set()
        assert shop.api.accounts.retrieve(account.id).charges_enabled is True
        assert missing(shop.api.balance.retrieve().to_dict(), BALANCE) == set()

    def test_of_an_error(self, shop: Shop) -> None:
        intent = shop.intent()

        answer = shop.http.post("/_control/pay", json={"payment_intent": intent.id, "card": "4000000000000002"})

        error = answer.json()["error"]
        fields = "type code decline_code message doc_url charge payment_intent payment_method request_log_url"
        assert missing(error, fields) == set()
        assert error["doc_url"] == "https://stripe.com/docs/error-codes/card-declined"

    @pytest.mark.parametrize(
        ("method", "brand", "last4", "country"),
        [
            ("pm_card_visa", "visa", "4242", "US"),
            ("pm_card_amex", "amex", "0005", "US"),
            ("pm_card_de", "visa", "0016", "DE"),
        ],
    )
    def test_of_a_card_follow_from_the_test_method(
        self, shop: Shop, method: str, brand: str, last4: str, country: str
    ) -> None:
        card = shop.charge(shop.paid(method)).payment_method_details.card

        assert (card.brand, card.last4, card.country) == (brand, last4, country)
