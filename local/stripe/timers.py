"""What happens by itself once its time has come."""

from collections.abc import Mapping

from local.stripe.balance import release_funds
from local.stripe.charges import settle_later
from local.stripe.disputes import open_scripted_dispute
from local.stripe.ledger import TimerAction
from local.stripe.payments import expire_authorization, finish_processing
from local.stripe.refunds import fail_refund_later, settle_refund

ACTIONS: Mapping[str, TimerAction] = {
    "expire_authorization": expire_authorization,
    "fail_refund": fail_refund_later,
    "finish_processing": finish_processing,
    "open_dispute": open_scripted_dispute,
    "release_funds": release_funds,
    "settle_charge": settle_later,
    "settle_refund": settle_refund,
}
