"""The certificate of a transport plan, and of the claim that there is none."""

from networx.verify.transport.infeasible import certify_infeasible
from networx.verify.transport.plan import certify, certify_outcome
from networx.verify.transport.reading import Reading

__all__ = ["Reading", "certify", "certify_infeasible", "certify_outcome"]
