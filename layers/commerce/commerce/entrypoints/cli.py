"""The command line of a store: staff keys, signing keys, and checks that a person runs.

    python -m commerce.entrypoints.cli --stack tradewind staff-key create --name "Ada's laptop" --scope '*'

What a script wants goes to standard output, what a person wants to know goes to standard error. Exit codes: 0 done,
1 refused or something is wrong, 2 not understood or not configured.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from pydantic import ValidationError

from commerce.adapters import code_keys, signing_keys, ssm
from commerce.adapters.cloudformation import stack_environment
from commerce.checkout import gift_cards
from commerce.giftcards import ledger as gift_card_ledger
from commerce.inventory import ledger
from commerce.kernel import clock
from commerce.kernel.call import Actor, Call
from commerce.kernel.config import settings
from commerce.kernel.errors import CommerceError
from commerce.outbox import operations as outbox
from commerce.staff import operations as staff
from commerce.staff import queries
from commerce.staff.model import EVERYTHING, SCOPES
from commerce.staff.schemas import NewStaffKey, StaffKey

DONE, WRONG, NOT_UNDERSTOOD = 0, 1, 2
PAGE = 100
SECOND_LOOK_SECONDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.stack:
            os.environ.update(stack_environment(options.stack))
            settings.cache_clear()
        code: int = options.run(options)
    except CommerceError as error:
        _tell(error.detail, *[f"  {fault.param}: {fault.message}" for fault in error.errors])
        return WRONG
    except ValidationError as error:
        _tell(*[f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()])
        return NOT_UNDERSTOOD
    except LookupError as error:
        _tell(f"{error.args[0]} Name the store's stack with --stack, or set the variables of its functions.")
        return NOT_UNDERSTOOD
    return code


def _call() -> Call:
    """Return the circumstances of a command: whoever can run it may do everything."""
    return Call(now=clock.now(), actor=Actor(kind="system", id="cli", scopes=frozenset({EVERYTHING})))


def _create_staff_key(options: argparse.Namespace) -> int:
    key = staff.create_staff_key(new=NewStaffKey(name=options.name, scopes=options.scope), call=_call())
    _answer(key.token or "")
    _tell(f"Made {key.id} ({', '.join(key.scopes)}). {key.notice}")
    return DONE


def _list_staff_keys(options: argparse.Namespace) -> int:  # noqa: ARG001 - every command has this shape.
    call, keys, cursor = _call(), ssm.signing_keys(), None
    while True:
        page = queries.staff_keys(limit=PAGE, cursor=cursor, call=call, keys=keys)
        for key in page.items:
            _answer(_line(key))
        cursor = page.next_cursor
        if cursor is None:
            return DONE


def _line(key: StaffKey) -> str:
    when = clock.text(key.revoked_at or key.created_at)
    return f"{key.id}  {key.status:<7}  {when}  {key.name}  [{' '.join(key.scopes)}]"


def _revoke_staff_key(options: argparse.Namespace) -> int:
    key = staff.revoke_staff_key(key_id=options.key_id, call=_call())
    _tell(f"Revoked {key.id} ({key.name}). API Gateway forgets it within a minute.")
    return DONE


def _rotate_signing_key(options: argparse.Namespace) -> int:
    key_id = signing_keys.add_signing_key()
    if not options.no_wait:
        _tell(f"Added {key_id}. Waiting {ssm.KEPT_SECONDS} seconds until every function knows it.")
        time.sleep(ssm.KEPT_SECONDS + 5)
    current, *older = signing_keys.use_signing_key(key_id)
    _tell(f"{current} signs from now on; {', '.join(older)} still verifies. Keys before that are void.")
    return DONE


def _verify_stock(options: argparse.Namespace) -> int:
    found = set(ledger.differences(with_history=not options.without_history))
    if found:
        _tell("Something does not add up; looking again, as stock may have moved in between.")
        time.sleep(options.wait)
        found &= set(ledger.differences(with_history=not options.without_history))
    for line in sorted(map(str, found)):
        _answer(line)
    _tell(f"{len(found)} differences." if found else "Levels, movements and history agree.")
    return WRONG if found else DONE


def _verify_gift_cards(options: argparse.Namespace) -> int:
    found = set(gift_card_ledger.differences())
    if found:
        _tell("Something does not add up; looking again, as cards may have been used in between.")
        time.sleep(options.wait)
        found &= set(gift_card_ledger.differences())
    for line in sorted(map(str, found)):
        _answer(line)
    _tell(f"{len(found)} differences." if found else "Balances and entries agree.")
    return WRONG if found else DONE


def _settle_gift_cards(options: argparse.Namespace) -> int:
    done = gift_cards.settled(order_id=options.order_id, call=_call())
    _tell(f"{done.issued} gift cards issued, {done.disabled} disabled.")
    return DONE


def _add_gift_card_key(options: argparse.Namespace) -> int:  # noqa: ARG001 - every command has this shape.
    key = code_keys.add_code_key(now=clock.now())
    _tell(f"Codes are made with key {key.number + 1} from {clock.text(key.since)} on; all older codes stay valid.")
    return DONE


def _republish_events(options: argparse.Namespace) -> int:  # noqa: ARG001 - every command has this shape.
    total = 0
    while published := outbox.republish(call=_call())["published"]:
        total += published
    _tell(f"{total} events were sent again.")
    return DONE


def _answer(line: str) -> None:
    print(line)  # noqa: T201 - a command line speaks by printing.


def _tell(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - a command line speaks by printing.


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m commerce.entrypoints.cli",
        description="Look after a Tradewind store: staff keys, signing keys, and checks.",
        epilog="Exit codes: 0 done, 1 refused or something is wrong, 2 not understood or not configured.",
    )
    parser.add_argument(
        "--stack", help="name of the store's CloudFormation stack; without it the environment names the tables"
    )
    topics = parser.add_subparsers(title="topics", required=True, metavar="TOPIC")
    _add_staff_keys(topics.add_parser("staff-key", help="make, list and revoke the keys that let staff in"))
    _add_signing_keys(topics.add_parser("signing-key", help="replace the key that signs order tokens and cursors"))
    _add_stock(topics.add_parser("stock", help="check the books of the stock"))
    _add_gift_cards(topics.add_parser("gift-cards", help="check their books, issue what an order sold, add a key"))
    _add_events(topics.add_parser("events", help="see that events reach the bus"))
    return parser


def _add_staff_keys(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    scopes = "\n".join(f"  {scope:<16} {meaning}" for scope, meaning in SCOPES.items())
    create = commands.add_parser(
        "create",
        help="make a key and print its token",
        description="Make a staff key and print its token, which is stored nowhere and never shown again.",
        epilog=f"scopes:\n{scopes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    create.add_argument("--name", required=True, help="who or what uses it")
    create.add_argument(
        "--scope", required=True, action="append", choices=SCOPES, metavar="SCOPE", help="what it may do; repeatable"
    )
    create.set_defaults(run=_create_staff_key)
    commands.add_parser("list", help="list keys, the newest first").set_defaults(run=_list_staff_keys)
    revoke = commands.add_parser("revoke", help="revoke a key for ever")
    revoke.add_argument("key_id", metavar="KEY_ID", help="the key's id (key_…), never its token")
    revoke.set_defaults(run=_revoke_staff_key)


def _add_signing_keys(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    rotate = commands.add_parser(
        "rotate",
        help="add a new key that signs, and keep the one before for verifying",
        description=(
            "Add a signing key, wait until every function knows it, and let it sign. The key that signed before "
            "still verifies; older keys are void, and so is every order token that only they signed."
        ),
    )
    rotate.add_argument(
        "--no-wait",
        action="store_true",
        help="let it sign at once: for five minutes some functions refuse what others signed",
    )
    rotate.set_defaults(run=_rotate_signing_key)


def _add_stock(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser(
        "verify",
        help="compare levels with the sum of all movements",
        description="Read the whole inventory table and print what does not add up; then the exit code is 1.",
    )
    verify.add_argument("--without-history", action="store_true", help="pass over the history projected per SKU")
    verify.add_argument(
        "--wait",
        type=float,
        default=SECOND_LOOK_SECONDS,
        metavar="SECONDS",
        help="before a difference is looked at again (default: %(default)s)",
    )
    verify.set_defaults(run=_verify_stock)


def _add_gift_cards(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser(
        "verify",
        help="compare balances with the sum of all entries",
        description="Read the whole table of gift cards and print what does not add up; then the exit code is 1.",
    )
    verify.add_argument(
        "--wait",
        type=float,
        default=SECOND_LOOK_SECONDS,
        metavar="SECONDS",
        help="before a difference is looked at again (default: %(default)s)",
    )
    verify.set_defaults(run=_verify_gift_cards)
    settle = commands.add_parser(
        "settle",
        help="issue the gift cards that an order sold, or disable them, as its worker does",
        description="For an order whose event ended in the dead letter queue. Repeating it changes nothing.",
    )
    settle.add_argument("order_id", metavar="ORDER_ID", help="the order's id (ord_…)")
    settle.set_defaults(run=_settle_gift_cards)
    add = commands.add_parser(
        "add-key",
        help="make the codes to come with a new key",
        description="Add a key for new codes, in use after ten minutes. The keys before it stay: codes need them.",
    )
    add.set_defaults(run=_add_gift_card_key)


def _add_events(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    republish = commands.add_parser("republish", help="send again what is two minutes old and not on the bus")
    republish.set_defaults(run=_republish_events)


if __name__ == "__main__":
    sys.exit(main())
