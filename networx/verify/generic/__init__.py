"""The certificate of an answer to a client's own model, recomputed from what the client stated."""

from networx.verify.generic.answer import certify_answer
from networx.verify.generic.facts import Facts, facts_of_data, facts_of_json
from networx.verify.generic.proof import certify_infeasible, certify_unbounded
from networx.verify.generic.questions import question_checks

__all__ = [
    "Facts",
    "certify_answer",
    "certify_infeasible",
    "certify_unbounded",
    "facts_of_data",
    "facts_of_json",
    "question_checks",
]
