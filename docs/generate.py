"""Writes the pages of this folder that are made from the code: `python -m docs.generate`, or `make docs`.

The network workbook from its schema, what runs from the topology, the environment variables from the settings. A test
holds the written pages to what this module renders, so that none can drift from the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from docs import degradation
from docs.degradation import Doing, Part
from networx.api.faults import RETRY_AFTER_SECONDS
from networx.blueprint import Leases, Limits
from networx.errors import ConfigurationError
from networx.ingest.shipments_page import render_shipments_page
from networx.ingest.workbook_page import render_workbook_page
from networx.resilience.breaker import CIRCUIT_OPEN
from networx.results.schema import schema_bytes
from networx.settings import read_settings
from networx.topology import METRICS_NAMESPACE, POSTGRES_MAJOR, TOPOLOGY

DOCS = Path(__file__).resolve().parent
REQUIRED = "required"

_WHAT_RUNS = """# What runs

Generated from `networx/topology.py`, which refuses to be imported when it contradicts itself; `make docs` writes this
page anew. What is for the cloud alone (tasks, vCPU, GiB, time-outs of functions, alarms) is what the stacks will read;
a laptop runs the rest."""

_DEGRADATION = f"""# What works while a part is away

Generated from `docs/degradation.py`; `make docs` writes this page anew. `tests/chaos/test_degradation.py` plays every
cell on real servers: the part is killed (S3 is cut off), everything below is done, the part comes back, and what was
refused or waited is done again; what ended meanwhile must have ended once.

A 503 has the usual envelope and a `Retry-After`: {RETRY_AFTER_SECONDS} s, or what is left of the pause of the part's
[circuit](topology.md#circuits); once that is open the answer comes at once, with the code `{CIRCUIT_OPEN}`. *Waits*
means accepted and not lost: it is done when the part is back."""

_DEGRADATION_END = """Secrets Manager is asked for the passwords of new connections; while it does not answer, what it
told last is used. Where solving processes are lost one after another, [their worker waits
too](../decisions/0019-solver-and-cache-circuits.md). While the replica is away or behind, [what is read
there is read in the database](../decisions/0017-reading-on-the-replica.md), and health says `degraded`
once its circuit is open (`tests/core/db/test_replica.py` plays it on a real standby).
"""

_ENVIRONMENT = """# Environment variables

Generated from `networx/settings.py` and `networx/topology.py`; `make docs` writes this page anew. On a laptop a person
sets none or some of the first table, and perhaps `LOG_LEVEL` or a clock; the platform sets the others for its
processes."""

_CLOCKS = {
    "cancel_poll": "how often a worker asks whether its jobs are still its own",
    "progress": "how often progress is published to Valkey",
    "receive_wait": "how long a worker waits for a message",
    "record_progress": "how often progress is written to the record",
    "heartbeat": "how often a running job's lease is extended",
    "self_fence": "without a heartbeat that long a worker stops its own job",
    "lease": "without a heartbeat that long another worker may take the job over",
    "stale_after": "without a heartbeat that long the monitor puts the job back",
    "lost_hint_after": "a queued job whose message was sent that long ago gets a new one",
    "drain": "how long a stopping worker lets its jobs go on before it hands them back",
    "stop_timeout": "when the cloud kills a stopping task",
}

_MEANINGS = {
    "DATABASE_URL": "where the record is, with neither user nor password: the role is chosen by the code",
    "NETWORX_STAGE": "`laptop`, or the name of a deployed stage",
    "NETWORX_DATABASE_SECRETS": "prefix of the secrets with the roles' passwords",
    "REDIS_HOST": "where Valkey is",
    "REDIS_PORT": "its port",
    "RDS_PROXY_ENDPOINT": "the proxy that the roles networx_app and networx_system go through",
    "NETWORX_DATABASE_REPLICA": "the replica that the role networx_report reads",
    "NETWORX_DATABASE_MASTER_SECRET": "the master user's secret; migrations alone are told it",
    "NETWORX_DATABASE_CA": "the certificates that sign the database's",
    "NETWORX_SLACK_SECRET": "the secret with the address that alarms are told to",
    "NETWORX_DATABASE_INSTANCE": "the instance whose backups the database monitor looks at",
    "NETWORX_BACKUP_VAULT": "the vault with the daily copies of the database",
    "NETWORX_ALIVE_FILE": "the file a worker touches while it lives; the container's health check looks at its age",
    "ECS_AGENT_URI": "set by ECS: where a task protects itself while it works",
    "ECS_CONTAINER_METADATA_URI_V4": "set by ECS: where a worker learns which version it is",
    "NETWORX_REDIS_SECRET": "the secret with its password",
    "AWS_REGION": "the region of queues, buckets and secrets",
    "AWS_ENDPOINT_URL": "the AWS emulator, on a laptop",
    "AWS_ENDPOINT_URL_SQS": "where the queues stand, if not there",
    "LOG_LEVEL": "`DEBUG`, `INFO`, `WARNING` or `ERROR`",
    "NETWORX_PUBLIC_URL": "the address under which people reach the web page",
    "NETWORX_DEV_KEY_FILE": "the laptop's API key",
    "NETWORX_TRUSTED_PROXIES": "how many proxies stand before the web and append to X-Forwarded-For; "
    "without it 0 on a laptop, else 1: the load balancer",
    "NETWORX_KEY_PEPPER_SECRET": "the secret that stored API keys are computed under; the web alone is told it",
    "NETWORX_OIDC_ISSUER": "who signs people in; with the three below, or none of them",
    "NETWORX_OIDC_CLIENT": "the client that the load balancer is at the issuer",
    "NETWORX_OIDC_SIGNER": "the ARN of the load balancer whose word on who signed in is believed",
    "NETWORX_OIDC_KEYS": "the address under which the balancer's region tells the keys that it signs with",
    "NETWORX_OUTBOUND_PRIVATE_HOSTS": "hosts of our own network that may be called, as `host:port` between spaces; "
    "all others must have a public address and speak TLS",
    "NETWORX_OUTBOUND_PROXY": "the proxy that hosts outside are called through; no other variable sets one",
    "NETWORX_OUTBOUND_CA": "a company's own certificates, trusted beside the public ones when hosts outside are called",
    "NETWORX_EIA_SECRET": "the secret whose `key` is that of the EIA's API; without it diesel prices are not asked for",
    "NETWORX_EIA_SERIES": "the weekly series of diesel prices, as `subject=SERIES` between spaces",
    "NETWORX_EIA_URL": "where the EIA's API is",
    "NETWORX_BLS_SECRET": "the secret whose `key` is that of the BLS's API; with the series below, or neither",
    "NETWORX_BLS_SERIES": "the series of wages in dollars an hour, as `subject=SERIES` between spaces",
    "NETWORX_BLS_URL": "where the BLS's API is",
    "NETWORX_OSRM_URLS": "road servers of the OSRM kind, the first asked first; without one no ways by road are known",
    "NETWORX_OSRM_PROFILE": "the profile that they were built with",
    "NETWORX_OSRM_PLACES": "the most places that they take in one request",
    "NETWORX_MARKET_SOURCES": "further sources of market figures, as JSON; see [market.md](../market.md)",
    "NETWORX_ASSISTANT_URL": "where the assistant's models are asked: the address before `/chat/completions` of any "
    "OpenAI-compatible endpoint; with the three below, or none of them; see [assistant.md](assistant.md)",
    "NETWORX_ASSISTANT_SECRET": "the secret whose `key` opens it",
    "NETWORX_ASSISTANT_MODEL": "the model that is asked",
    "NETWORX_ASSISTANT_PRICES": "each model's dollars for a million tokens, as JSON; without a price it is refused",
    "NETWORX_ASSISTANT_CHEAPER_MODEL": "the model that is asked instead near the limits",
    "NETWORX_ASSISTANT_ANSWER_BOUND": "the word that bounds an answer there; older endpoints know `max_tokens` alone",
    "OPENAI_DAILY_TOKEN_LIMIT": "the most tokens of a day (UTC), of all tenants together",
    "OPENAI_MONTHLY_TOKEN_LIMIT": "the most tokens of a month",
    "OPENAI_DAILY_COST_LIMIT": "the most dollars of a day",
    "OPENAI_MONTHLY_COST_LIMIT": "the most dollars of a month",
    "OPENAI_ENABLE_FALLBACK": "`false`: the cheaper model is never asked",
    "NETWORX_SCRATCH": "where workers keep a job's files while it runs",
}

# Read outside networx.settings; a test looks through the code for others.
PLATFORM_VARIABLES = {
    "NETWORX_HOME": ("`.run` in the checkout", "the folder of one local platform: data, logs, secrets, results"),
    "NETWORX_PORT": ("8080, else the next free one", "the port of the web page; one that is set and taken is an error"),
    "PG_BIN": ("the embedded PostgreSQL", f"a folder with `postgres` and `initdb`, version {POSTGRES_MAJOR} or later"),
}
MIGRATION_VARIABLES = {
    "NETWORX_MIGRATIONS_CLUSTER": (REQUIRED, "the cluster in which the migrations' task runs"),
    "NETWORX_MIGRATIONS_TASK": (REQUIRED, "its task definition"),
    "NETWORX_MIGRATIONS_SUBNETS": (REQUIRED, "its subnets, between commas"),
    "NETWORX_MIGRATIONS_SECURITY_GROUP": (REQUIRED, "its security group"),
}
WEB_VARIABLES = {
    "NETWORX_WEB_HOST": ("`127.0.0.1`", "the address the web process listens on"),
    "NETWORX_WEB_PORT": (REQUIRED, "its port"),
}


def pages() -> dict[Path, Callable[[], str]]:
    """Every generated page and what renders it."""
    return {
        DOCS / "workbook.md": render_workbook_page,
        DOCS / "shipments.md": render_shipments_page,
        DOCS / "result.schema.json": lambda: schema_bytes().decode(),
        DOCS / "operations" / "topology.md": render_topology,
        DOCS / "operations" / "environment.md": render_environment,
        DOCS / "operations" / "degradation.md": render_degradation,
    }


def render_topology() -> str:
    """The text of operations/topology.md."""
    sections = [
        _WHAT_RUNS,
        _table("Queues", ("queue", "dead letters", "hidden for", "deliveries", "depth to warn at", "kept"), _queues()),
        _table("Job kinds", ("kind", "queue", "attempts", "first wait", "child's memory", "longest run"), _kinds()),
        _table("Workers", ("worker", "queue", "vCPU", "GiB", "slots", "on a laptop", "tasks"), _workers()),
        _web(),
        _table("Circuits", ("part", "opens after", "left alone for", "kept by"), _circuits()),
        "Why, and what is asked of a part that was left alone: [decision 16](../decisions/0016-breakers.md).",
        _table("Functions", ("function", "fed by", "handler", "time-out", "MB"), _functions()),
        _table("Buckets", ("bucket", "holds", "variable"), _buckets()),
        _table(f"Metrics (`{METRICS_NAMESPACE}`)", ("metric", "unit", "dimensions", "alarm"), _metrics()),
        "Each is sent with its dimensions and once more without them: alarms watch the aggregate.",
        _table("Alarms", ("alarm", "fires when", "goes to", "runbook"), _alarms()),
        _table(
            "Alarms on AWS's own metrics", ("alarm", "one for each", "fires when", "goes to", "runbook"), _part_alarms()
        ),
        _table("Clocks of a job", ("name", "length", "meaning"), _clocks()),
        _table("Limits", ("name", "value"), ((f"`{spec.name}`", _limit(spec.name)) for spec in fields(Limits))),
    ]
    return "\n\n".join(sections) + "\n"


def render_degradation() -> str:
    """The text of operations/degradation.md."""
    rows = ((doing.value, *(degradation.TABLE[part][doing].shown() for part in Part)) for doing in Doing)
    returns = ((part.value, span(back.within), back.what) for part, back in degradation.RETURNS.items())
    return "\n\n".join(
        [
            _DEGRADATION,
            _table("While a part is away", ("to", *(part.value for part in Part)), rows),
            _table("When it is back", ("part", "all works again within", "what is made up for"), returns),
            _DEGRADATION_END,
        ]
    )


def render_environment() -> str:
    """The text of operations/environment.md."""
    asked = settings_variables()
    urls = {queue.environment_name: f"URL of the queue `{queue.name}`" for queue in TOPOLOGY.queues}
    urls |= {queue.dead_letter_environment_name: f"URL of `{queue.dead_letter_name}`" for queue in TOPOLOGY.queues}
    names = {bucket.environment_name: f"name of the bucket `{bucket.name}`" for bucket in TOPOLOGY.buckets}
    clocks = {_clock_variable(spec.name): spec.name for spec in fields(Leases)}
    meanings = {**_MEANINGS, **urls, **names}
    settings = (
        (f"`{name}`", _stated(default), meanings[name]) for name, default in asked.items() if name not in clocks
    )
    shortened = (
        (f"`{name}`", f"{getattr(TOPOLOGY.leases, clocks[name]).total_seconds():g}", _CLOCKS[clocks[name]])
        for name in asked
        if name in clocks
    )
    sections = [
        _ENVIRONMENT,
        _table("The local platform", ("variable", "without it", "meaning"), _read_elsewhere(PLATFORM_VARIABLES)),
        _table("Every process", ("variable", "without it", "meaning"), settings),
        _table("The web process", ("variable", "without it", "meaning"), _read_elsewhere(WEB_VARIABLES)),
        _table("The step that migrates", ("variable", "without it", "meaning"), _read_elsewhere(MIGRATION_VARIABLES)),
        _table("The clocks of a job, in seconds", ("variable", "without it", "meaning"), shortened),
    ]
    return "\n\n".join(sections) + "\n"


class _Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for, and the defaults."""

    def __init__(self) -> None:
        self.defaults: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self.defaults.setdefault(name, default)
        return default

    def __getitem__(self, name: str) -> str:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def settings_variables() -> dict[str, str | None]:
    """Every variable that the settings read and what stands in for it: REQUIRED, a default, or None for nothing."""
    asked = _Asked()
    try:
        read_settings(asked)
    except ConfigurationError as fault:
        missing = str(fault)
    return {
        name: REQUIRED if f"{name} is not set" in missing else default or None
        for name, default in asked.defaults.items()
    }


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit."""
    seconds = length.total_seconds()
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:g} {name}"
    return f"{seconds * 1000:g} ms"


def _table(title: str, heads: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [tuple(heads), tuple("---" for _ in heads), *rows]
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _queues() -> Iterator[tuple[object, ...]]:
    for queue in TOPOLOGY.queues:
        kept = f"{span(queue.retention)}, dead letters {span(queue.dead_letter_retention)}"
        yield (
            f"`{queue.name}`",
            f"`{queue.dead_letter_name}`",
            span(queue.visibility_timeout),
            queue.max_receive_count,
            queue.depth_warning,
            kept,
        )


def _kinds() -> Iterator[tuple[object, ...]]:
    for kind in TOPOLOGY.kinds:
        memory = f"{kind.child_memory_mib:,} MiB"
        wait = f"{span(kind.first_backoff)}, doubling"
        yield f"`{kind.name}`", f"`{kind.queue}`", kind.max_attempts, wait, memory, span(kind.longest_run)


def _workers() -> Iterator[tuple[object, ...]]:
    for worker in TOPOLOGY.workers:
        idle = "" if TOPOLOGY.kinds_of(worker.queue) else "none: no kind uses its queue"
        slots = idle or worker.laptop_slots
        tasks = f"{worker.min_tasks} to {worker.max_tasks}"
        yield worker.name, f"`{worker.queue}`", worker.vcpu, worker.memory_gib, worker.slots, slots, tasks


_KEPT_BY = {
    "replica": "the web; whole lists are read in the database meanwhile",
    "cache": "every process; after one failure whoever can do without does",
    "host": "every process that calls hosts outside, one for each host",
}


def _circuits() -> Iterator[tuple[object, ...]]:
    for circuit in TOPOLOGY.circuits:
        guarded = [f"`{worker.name}`" for worker in TOPOLOGY.workers if worker.circuit == circuit.name]
        workers = f"each worker of {' and '.join(guarded)}, over distinct jobs"
        kept_by = workers if guarded else _KEPT_BY.get(circuit.name, "every process")
        yield circuit.name, f"{circuit.failures} failures in a row", span(circuit.pause), kept_by


def _web() -> str:
    web = TOPOLOGY.web
    return (
        f"## Web\n\n{web.min_tasks} to {web.max_tasks} tasks of {web.vcpu} vCPU and {web.memory_gib} GiB. Idle "
        f"connections are kept for {span(web.keep_alive)}, the load balancer's for {span(web.load_balancer_idle)}."
    )


def _functions() -> Iterator[tuple[object, ...]]:
    for function in TOPOLOGY.functions:
        if function.schedule is not None:
            fed = f"a schedule, every {span(function.schedule)}"
        elif function.topic is not None:
            fed = f"the topic `{function.topic}`"
        else:
            fed = f"`{function.queue}`, {function.batch_size} at a time"
        yield f"`{function.name}`", fed, f"`{function.handler}`", span(function.timeout), function.memory_mb


def _buckets() -> Iterator[tuple[object, ...]]:
    for bucket in TOPOLOGY.buckets:
        yield bucket.name, bucket.purpose, f"`{bucket.environment_name}`"


def _metrics() -> Iterator[tuple[object, ...]]:
    for metric in TOPOLOGY.metrics:
        watched = ", ".join(alarm.name for alarm in TOPOLOGY.alarms if alarm.metric == metric.name)
        yield f"`{metric.name}`", metric.unit, ", ".join(f"`{name}`" for name in metric.dimensions), watched


def _alarms() -> Iterator[tuple[object, ...]]:
    for alarm in TOPOLOGY.alarms:
        periods = span(alarm.period) if alarm.periods == 1 else f"{alarm.periods} x {span(alarm.period)}"
        condition = f"{alarm.statistic} of `{alarm.metric}` over {alarm.threshold:,g} for {periods}"
        place = "../" + alarm.runbook.removeprefix("docs/")
        goes_to = "on-call, at once" if alarm.pages else "a ticket"
        yield alarm.name, condition, goes_to, f"[{Path(alarm.runbook).stem}]({place})"


def _part_alarms() -> Iterator[tuple[object, ...]]:
    for alarm in TOPOLOGY.part_alarms:
        periods = span(alarm.period) if alarm.periods == 1 else f"{alarm.periods} x {span(alarm.period)}"
        limit = "its own warning" if alarm.threshold is None else f"{alarm.threshold:,g}"
        condition = f"{alarm.statistic} of `{alarm.metric}` {'under' if alarm.below else 'over'} {limit} for {periods}"
        place = "../" + alarm.runbook.removeprefix("docs/")
        goes_to = "on-call, at once" if alarm.pages else "a ticket"
        yield alarm.name, alarm.part.value, condition, goes_to, f"[{Path(alarm.runbook).stem}]({place})"


def _clocks() -> Iterator[tuple[object, ...]]:
    for spec in fields(Leases):
        yield f"`{spec.name}`", span(getattr(TOPOLOGY.leases, spec.name)), _CLOCKS[spec.name]


def _limit(name: str) -> str:
    value = getattr(TOPOLOGY.limits, name)
    if isinstance(value, timedelta):
        return span(value)
    if name.endswith("_bytes"):
        return f"{value / 1024**2:,g} MiB"
    return f"{value:.0%}" if name.endswith("_share") else f"{value:,}"


def _read_elsewhere(variables: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for name, (default, meaning) in variables.items():
        yield f"`{name}`", default, meaning


def _clock_variable(name: str) -> str:
    return f"NETWORX_{name.upper()}_SECONDS"


def _stated(default: str | None) -> str:
    if default is None:
        return ""
    return default if default == REQUIRED else f"`{default}`"


if __name__ == "__main__":
    for page, render in pages().items():
        page.parent.mkdir(exist_ok=True)
        page.write_text(render())
