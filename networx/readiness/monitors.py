"""What runs by the clock: every scheduled function has its rule, switched on, and the watch over lost jobs runs."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from networx.readiness.check import Place, Unprotected
from networx.resilience import aws
from networx.topology import TOPOLOGY

# Asked to run beside its clock it does what it would have done a little later.
_WATCH = "stale-job-monitor"


def schedules(_: Place) -> str:
    """Every scheduled function is called by its clock, and the stale-job monitor does its turn when it is called."""
    events = aws.client("events")
    silent: list[str] = []
    scheduled = [function.name for function in TOPOLOGY.functions if function.schedule is not None]
    for name in scheduled:
        try:
            rule = events.describe_rule(Name=name)
            targets = events.list_targets_by_rule(Rule=name)["Targets"]
        except (BotoCoreError, ClientError):
            silent.append(f"{name} (no rule)")
            continue
        if rule.get("State") != "ENABLED":
            silent.append(f"{name} (its rule is {str(rule.get('State')).lower()})")
        elif not any(target["Arn"].endswith(f":{name}") for target in targets):
            silent.append(f"{name} (its rule calls something else)")
    if silent:
        raise Unprotected(
            f"Nothing calls {', '.join(silent)}", "Start the platform again; docs/runbook/monitor-silent.md."
        )
    _require_run()
    return f"{len(scheduled)} functions are called by their clocks; {_WATCH} ran when asked"


def _require_run() -> None:
    try:
        answer = aws.client("lambda").invoke(FunctionName=_WATCH)
        fault = answer.get("FunctionError")
    except (BotoCoreError, ClientError) as missing:
        fault = str(missing)
    if fault:
        raise Unprotected(f"The function {_WATCH} does not run: {fault}", "See docs/runbook/stale-jobs.md.")
