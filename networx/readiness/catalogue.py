"""Every check of `networx doctor`, in the order in which they are told."""

from __future__ import annotations

from networx.readiness.budget import assistant_budget
from networx.readiness.certificates import certificates
from networx.readiness.check import Check
from networx.readiness.circuits import breakers
from networx.readiness.connections import connection_pool
from networx.readiness.dead_letters import dead_letter_queues
from networx.readiness.degradation import degradation
from networx.readiness.jobs import fencing, stale_recovery
from networx.readiness.kernels import compiled_kernels
from networx.readiness.monitors import schedules
from networx.readiness.tenancy import row_security
from networx.readiness.upkeep import backups, clocks, disk_space, migrated
from networx.readiness.web import gate, rate_limits, safe_headers

CHECKS = (
    Check(
        "gate",
        "asks five addresses without a key, one with a made-up key, and one with the platform's own",
        gate,
        "docs/operations/identity.md",
    ),
    Check(
        "rate limits",
        "150 requests from a throw-away address: 100 answers, then 50 times 429 with Retry-After",
        rate_limits,
        "docs/runbook/rate-limit-refusals.md",
    ),
    Check(
        "safe headers",
        "a page, an answer, a refusal and an address that is none, each with its eight headers",
        safe_headers,
        "SECURITY.md",
    ),
    Check(
        "row level security",
        "walks the record's catalogue, then looks into every table as a tenant that does not exist",
        row_security,
        "docs/operations/tenants.md",
    ),
    Check(
        "connection pool",
        "lends every connection, is refused one more, kills all of them and is lent new ones",
        connection_pool,
        "docs/runbook/database-connections.md",
    ),
    Check(
        "circuit breakers",
        "drives each circuit through closed, open and half-open with its own numbers; asks how the platform's stand",
        breakers,
        "docs/decisions/0016-breakers.md",
    ),
    Check(
        "graceful degradation",
        "web processes of its own with a wrong address for database, cache or queue: what still answers, and how",
        degradation,
        "docs/operations/degradation.md",
    ),
    Check(
        "dead-letter queues",
        "compares every redrive policy; sends a message that nobody can handle, finds it given up and takes it out",
        dead_letter_queues,
        "docs/runbook/dead-letters.md",
    ),
    Check(
        "stale-job recovery",
        "jobs that lost their worker, in a transaction that is rolled back: put back, or dead when no try is left",
        stale_recovery,
        "docs/runbook/stale-jobs.md",
    ),
    Check(
        "fencing",
        "an old worker tries to beat, publish, end and put back a job in a transaction that is rolled back",
        fencing,
        "docs/jobs.md",
    ),
    Check(
        "certificates",
        "certifies a right answer, and the same with its cost, flow, site, proof or dataset changed",
        certificates,
        "docs/runbook/certificate-failures.md",
    ),
    Check(
        "assistant budget",
        "where it is on: reserves all of it and one token or cent more, in a transaction that is rolled back",
        assistant_budget,
        "docs/runbook/assistant-budget.md",
    ),
    Check(
        "schedules",
        "looks up the clock of every scheduled function, and calls the stale-job monitor once",
        schedules,
        "docs/runbook/monitor-silent.md",
    ),
    Check(
        "migrations",
        "compares names and contents of what was applied with this version's",
        migrated,
        "docs/operations/deploy.md",
    ),
    Check(
        "backups",
        "the age of the newest backup that is still there",
        backups,
        "docs/runbook/backup-old.md",
    ),
    Check(
        "compiled kernels",
        "looks whether they are complete for this installation, then loads and uses each",
        compiled_kernels,
        "docs/operations/doctor.md",
    ),
    Check("clocks", "asks the record, Valkey and the web for the time", clocks, "docs/operations/doctor.md"),
    Check("disk space", "asks how much is free", disk_space, "docs/runbook/database-storage.md"),
)
