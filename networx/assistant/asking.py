"""Asking a model: room in the budget first, then one call, then the account of it, whatever became of the call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore

from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.assistant import ledger
from networx.assistant.budget import Offer, budgets_of
from networx.assistant.chat import Caller, Message, NoReply, Reply, complete, most_input_tokens
from networx.assistant.ledger import About, Reservation, Spent
from networx.assistant_terms import AssistantTerms
from networx.errors import AssistantOff, AssistantUnavailable
from networx.resilience import aws
from networx.resilience.exchange import Answer, Call
from networx.resilience.http import Terms, outbound

# Each holds a thread of the web until the model has answered, and reading a page needs those too.
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, and which one."""

    text: str
    model: str


class Assistant:
    """One installation's assistant. Used by any number of threads; at most `at_once` calls are under way."""

    def __init__(self, terms: AssistantTerms, caller: Caller, key: Callable[[], str], at_once: int = AT_ONCE) -> None:
        self.terms = terms
        self._caller = caller
        self._key = key
        self._places = BoundedSemaphore(at_once)

    def ask(self, about: About, messages: Sequence[Message], *, most_tokens: int, total: timedelta) -> Written:
        """What a model answers. Raises AssistantBudgetSpent, AssistantUnavailable, DatabaseUnavailable."""
        if not self._places.acquire(blocking=False):
            raise AssistantUnavailable(reason="it is answering others; ask again in a moment")
        try:
            key = self._key()
            reservation = ledger.reserve(about, self._offers(messages, most_tokens), budgets_of(self.terms))
            reply = self._asked(reservation, key, messages, most_tokens, total)
        finally:
            self._places.release()
        return Written(reply.text, reservation.offer.model)

    def _offers(self, messages: Sequence[Message], most_tokens: int) -> list[Offer]:
        read = most_input_tokens(messages)
        return [
            Offer(model, read + most_tokens, self.terms.prices[model].dollars(read, most_tokens))
            for model in self.terms.models
        ]

    def _asked(
        self, held: Reservation, key: str, messages: Sequence[Message], most_tokens: int, total: timedelta
    ) -> Reply:
        budgets, model = budgets_of(self.terms), held.offer.model
        try:
            reply = complete(self._caller, self.terms, key, model, messages, most_tokens=most_tokens, total=total)
        except NoReply as none:
            if none.done:
                ledger.settle(held, budgets, outcome=none.outcome, spent=self._spent(model, none))
            else:
                ledger.release(held, budgets, outcome=none.outcome)
            raise AssistantUnavailable(reason=none.reason) from none
        except BaseException:
            # Whatever it was, the request may have been sent.
            ledger.settle(held, budgets, outcome="broken")
            raise
        ledger.settle(held, budgets, outcome="answered", spent=self._spent(model, reply))
        return reply

    def _spent(self, model: str, told: Reply | NoReply) -> Spent | None:
        usage = told.usage
        if usage is None:
            return None
        return Spent(usage.input, usage.output, self.terms.prices[model].dollars(usage.input, usage.output))


@cache
def assistant() -> Assistant:
    """This process's assistant. Raises AssistantOff where the installation has none."""
    terms = settings.current().assistant
    if terms is None:
        raise AssistantOff

    def key() -> str:
        try:
            return aws.secret(terms.secret)["key"]
        except (BotoCoreError, ClientError, KeyError, ValueError, TypeError) as fault:
            raise AssistantUnavailable(reason="the secret with its key cannot be read") from fault

    return Assistant(terms, _call, key)


def _call(call: Call, terms: Terms) -> Answer:
    return outbound().call(call, terms)
