"""Two tenants with everything there can be of one: exported whole, erased without a trace, and the other untouched."""

from __future__ import annotations

import hashlib
import json
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from local.backups import record as backed_up
from networx import settings
from networx.db import audit, pool
from networx.db.audit import Doer
from networx.db.bootstrap import DATABASE
from networx.db.pool import Role
from networx.errors import ConfigurationError, Conflict, NotFound
from networx.jobs import control, idempotency
from networx.jobs.control import Scope
from networx.jobs.job import Job
from networx.resilience.cache import cache_client
from networx.work import tenant_data, tenant_erasure, tenant_export
from tests.core.assistant.assisted import assist, suggest_columns
from tests.core.jobs import steps as job_steps
from tests.core.models.small_networks import two_sites
from tests.core.work import steps

DOER = Doer("operator")
SECRET = b"s" * 32
# Tables of nobody: what no tenant's row is in.
OF_NOBODY = {"job_moves", "schema_migrations", "assistant_periods", "hourly_counts"}


@dataclass(frozen=True)
class Client:
    """A tenant with data."""

    tenant_id: UUID
    slug: str
    done: Job
    running: Job


def furnished(record, aws) -> Client:
    """The record's tenant, given something in (nearly) every table, in each bucket and in the cache."""
    tenant_id, slug = record.tenant_id, record.slug
    dataset = steps.load(tenant_id, two_sites())
    done = steps.submit(record, dataset)
    job_steps.complete(job_steps.claimed(), {"status": "optimal", "file": f"results/{tenant_id}/{done.id}/2/r.xlsx"})
    running = steps.submit(record, dataset)
    assert job_steps.claimed().id == running.id
    with pool.system() as connection:
        row = connection.execute(
            "INSERT INTO users (tenant_id, email, scopes, created_by) VALUES (%s, %s, '{read}', 'ann') RETURNING id",
            (tenant_id, f"ann@{slug}.example"),
        ).fetchone()
        assert row is not None
        connection.execute(
            """INSERT INTO api_keys (tenant_id, name, scopes, secret_hmac, created_by)
               VALUES (%s, 'robot', '{read}', %s, 'ann')""",
            (tenant_id, SECRET),
        )
        connection.execute(
            """INSERT INTO upload_problems (upload_id, position, tenant_id, rule, message)
               SELECT id, 1, tenant_id, 'required', 'Missing.' FROM uploads WHERE tenant_id = %s""",
            (tenant_id,),
        )
        connection.execute(
            "INSERT INTO incumbents (job_id, tenant_id, fence, result) VALUES (%s, %s, 2, '{}')",
            (running.id, tenant_id),
        )
        audit.write(connection, DOER, "key.created", "robot", tenant_id=tenant_id)
        control.pause(connection, Scope.TENANT, slug, "ann", "a test")
    with tenant_data.entered(tenant_id) as owner:
        for statement in (
            "UPDATE uploads SET corrects = id WHERE tenant_id = %(tenant)s",
            (
                "INSERT INTO upload_corrections SELECT id, 'CSV', 3, tenant_id, id, '[]' FROM uploads "
                "WHERE tenant_id = %(tenant)s"
            ),
            "INSERT INTO network_demand VALUES (%(dataset)s, 0, %(tenant)s, 0, 2026, 1)",
            "INSERT INTO network_forecast VALUES (%(dataset)s, 9, %(tenant)s, 2026, 1)",
            "INSERT INTO network_facility_years VALUES (%(dataset)s, 9, %(tenant)s, 0, 2026, 1, 1)",
            "INSERT INTO network_assignments VALUES (%(dataset)s, 9, %(tenant)s, 0, 0, 'fixed')",
            "INSERT INTO network_skus VALUES (%(dataset)s, 9, %(tenant)s, 'Soap', 1, 1, 1)",
            "INSERT INTO network_warehouse VALUES (%(dataset)s, 9, %(tenant)s, 'operating_days', '250', NULL)",
            "INSERT INTO network_inventory VALUES (%(dataset)s, 9, %(tenant)s, 'demand_cv', '0.2', NULL)",
            "INSERT INTO network_expansions VALUES (%(dataset)s, 9, %(tenant)s, 0, 1, 5, 1)",
            "INSERT INTO network_operating_costs VALUES (%(dataset)s, 9, %(tenant)s, 0, 2025, 'rent', 5)",
            "INSERT INTO network_control_totals VALUES (%(dataset)s, 9, %(tenant)s, 2025, 'rent', 5)",
            "INSERT INTO network_one_time_costs VALUES (%(dataset)s, 9, %(tenant)s, 2025, 'racks', 5)",
            "INSERT INTO network_suppliers VALUES (%(dataset)s, 9, %(tenant)s, 'Mill', NULL, NULL, NULL, 5)",
            "INSERT INTO network_inbound_lanes VALUES (%(dataset)s, 9, %(tenant)s, 0, 0, 1)",
            "INSERT INTO network_rates VALUES (%(dataset)s, 9, %(tenant)s, 'ltl', 'cwt', 12.5)",
            """INSERT INTO network_fitted_rates
               VALUES (%(dataset)s, 9, %(tenant)s, 'ltl', NULL, NULL, 1, 1, 1, 1, 2, 3, 4, 30, 5, 6, 0.9,
                       '2025-01', '2025-12', 'Ana', '2026-11-22')""",
            "INSERT INTO network_service_years VALUES (%(dataset)s, 9, %(tenant)s, 2026, 0.9)",
            "INSERT INTO network_parameters VALUES (%(dataset)s, 9, %(tenant)s, 'single_sourcing', 'no')",
            """INSERT INTO transport_shipments
                   (dataset_id, position, tenant_id, tab, order_id, ship_date, origin, destination, mode, charge)
               VALUES (%(dataset)s, 9, %(tenant)s, 'CSV', 'A', 20000, 'here', 'there', 'tl', 100)""",
            """INSERT INTO market_values (tenant_id, kind, subject, as_of, value, unit, source, confidence, licence,
                                          request, fetched_at, confirmed_at)
               VALUES (%(tenant)s, 'diesel', 'US', '2026-01-05', 3, 'USD', 'own file', 'high', '', '', now(), now())""",
            """INSERT INTO market_pins
               SELECT %(tenant)s, scenario_id, scenario_version, found.kind, subject, found.id, 'own', confidence, now()
               FROM market_values AS found, jobs WHERE jobs.id = %(job)s""",
            """INSERT INTO archived_jobs
                   (id, tenant_id, kind, status, created_at, finished_at, key, first_byte, bytes)
               VALUES (uuidv7(), %(tenant)s, 'transport', 'succeeded', now(), now(),
                       'archive/' || %(tenant)s || '/2020-01/f.ndjson.gz', 0, 5)""",
            """INSERT INTO outbox (tenant_id, topic, queue, job_id, fence, not_before)
               VALUES (%(tenant)s, 'job.ready', 'optimization.fifo', %(job)s, 99, now() + interval '1 hour')""",
        ):
            owner.execute(statement, {"dataset": dataset, "tenant": tenant_id, "job": running.id})
    with pool.tenant(tenant_id) as connection:
        upload = connection.execute("SELECT id FROM uploads LIMIT 1").fetchone()
        assert upload is not None
    suggest_columns(tenant_id, upload[0])
    assist(tenant_id, done.id)
    with pool.tenant(tenant_id) as connection:
        idempotency.take(connection, tenant_id=tenant_id, key="once", request_sha256="0" * 64)
        idempotency.remember(connection, tenant_id=tenant_id, key="once", answer=idempotency.Remembered(202, {}))
    buckets = settings.current().buckets
    for bucket, key in (
        ("input", f"uploads/{slug}/a/network.xlsx"),
        ("input", f"models/{tenant_id}/m.json"),
        ("results", f"results/{tenant_id}/{done.id}/2/r.xlsx"),
        ("results", f"archive/{tenant_id}/2020-01/f.ndjson.gz"),
        ("results", f"tmp/checkpoints/{tenant_id}/{done.id}/2/plan.npz"),
        ("quarantine", f"uploads/{slug}/b/notes.txt"),
    ):
        for content in (b"first", b"second"):
            aws.s3.put_object(Bucket=buckets[bucket], Key=key, Body=content + slug.encode())
    aws.s3.delete_object(Bucket=buckets["input"], Key=f"uploads/{slug}/a/network.xlsx")
    aws.s3.create_multipart_upload(Bucket=buckets["input"], Key=f"uploads/{slug}/c/network.xlsx")
    cache_client().set(f"networx:jobs:{done.id}", "{}")
    cache_client().set(f"networx:sessions:{uuid4().hex}", json.dumps({"user_id": str(row[0]), "subject": "s"}))
    cache_client().set(f"networx:answers:jobs:{tenant_id}:x", "[]")
    return Client(tenant_id, slug, done, running)


@pytest.fixture
def both(record, aws) -> tuple[Client, Client]:
    """The tenant that is asked for, and the one beside it."""
    for bucket in settings.current().buckets.values():
        for kind in ("Versions", "DeleteMarkers"):
            for found in aws.s3.list_object_versions(Bucket=bucket).get(kind, []):
                aws.s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    other_id = job_steps.another_tenant()
    other = replace(record, tenant_id=other_id, slug=job_steps.slug_of(other_id))
    return furnished(record, aws), furnished(other, aws)


def everything_of(postgres, aws, client: Client) -> dict[str, object]:
    """All rows of a tenant as text, by table, its objects and its cached keys, looked at by other means."""
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE) as master:
        tables = [
            row[0]
            for row in master.execute(
                "SELECT table_name FROM information_schema.columns WHERE table_schema = 'networx' "
                "AND column_name = 'tenant_id' AND table_name <> 'jobs_seen'"
            )
        ]
        found: dict[str, object] = {
            table: sorted(
                row[0]
                for row in master.execute(
                    f"SELECT line::text FROM networx.{table} AS line WHERE tenant_id = %s", (client.tenant_id,)
                )
            )
            for table in tables
        }
        found["tenants"] = master.execute("SELECT * FROM networx.tenants WHERE id = %s", (client.tenant_id,)).fetchall()
    marks = (client.slug, str(client.tenant_id))
    for bucket in settings.current().buckets.values():
        listed = aws.s3.list_object_versions(Bucket=bucket)
        found[bucket] = sorted(
            (one["Key"], one["VersionId"])
            for kind in ("Versions", "DeleteMarkers")
            for one in listed.get(kind, [])
            if any(mark in one["Key"] for mark in marks)
        )
        begun = aws.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
        found[f"{bucket} in parts"] = [one["Key"] for one in begun if client.slug in one["Key"]]
    found["cache"] = sorted(
        key
        for key in cache_client().scan_iter("networx:*")
        if str(client.tenant_id) in key or str(client.done.id) in key
    )
    return found


def test_an_erased_tenant_leaves_nothing_and_the_other_keeps_everything(both, postgres, aws):
    one, other = both
    kept = everything_of(postgres, aws, other)
    sessions = len(list(cache_client().scan_iter("networx:sessions:*")))
    done = tenant_erasure.erase(one.slug, DOER)

    assert done.cancelled == 1
    assert done.left.nothing
    assert done.removed.rows["jobs"] == 2
    assert done.removed.objects == {"input": 5, "processed": 0, "results": 6, "quarantine": 2}
    left = everything_of(postgres, aws, one)
    lines = left.pop("audit")
    assert {name: found for name, found in left.items() if found} == {}
    assert [line for line in lines if "tenant.erased" in line]
    assert len(list(cache_client().scan_iter("networx:sessions:*"))) == sessions - 1
    assert everything_of(postgres, aws, other) == kept
    with pytest.raises(NotFound):
        tenant_erasure.preview(one.slug)


def test_a_preview_counts_and_changes_nothing(both, postgres, aws):
    one, _ = both
    before = everything_of(postgres, aws, one)
    tenant, counts = tenant_erasure.preview(one.slug)
    assert tenant.slug == one.slug
    assert not counts.nothing
    assert {table: len(rows) for table, rows in before.items() if table in counts.rows} == counts.rows
    assert counts.objects == {"input": 5, "processed": 0, "results": 6, "quarantine": 2}
    assert counts.cached == 3
    assert everything_of(postgres, aws, one) == before


def test_every_table_of_a_tenant_had_rows_in_these_tests(both):
    """A table that is added later must be filled by `furnished`, or nothing here says that it is erased."""
    _, counts = tenant_erasure.preview(both[0].slug)
    assert [table for table, rows in counts.rows.items() if not rows] == []


def test_every_table_belongs_to_tenants_or_to_nobody(record, postgres):
    with pool.connect(Role.OWNER) as owner:
        ours = [table.name for table in tenant_data.tables(owner)]
    known = set(backed_up.sums_of(postgres))
    assert known - set(ours) == OF_NOBODY
    # What refers to others goes before them.
    assert ours.index("results") < ours.index("jobs") < ours.index("scenarios") < ours.index("datasets")
    assert ours[-1] == "tenants"


def test_a_table_that_is_new_is_not_forgotten(both, postgres):
    one, other = both
    with psycopg.connect(postgres.master_conninfo, dbname=DATABASE, autocommit=True) as master:
        master.execute("SET search_path = networx")
        master.execute("CREATE TABLE notes (tenant_id uuid REFERENCES tenants, job_id uuid REFERENCES jobs, text text)")
        master.execute("ALTER TABLE notes OWNER TO networx_owner")
        for client, text in ((one, "a"), (other, "b")):
            master.execute("INSERT INTO notes VALUES (%s, %s, %s)", (client.tenant_id, client.done.id, text))
        try:
            with pytest.raises(ConfigurationError, match="The table notes does not force row level security"):
                tenant_erasure.preview(one.slug)
            master.execute("ALTER TABLE notes ENABLE ROW LEVEL SECURITY")
            master.execute("ALTER TABLE notes FORCE ROW LEVEL SECURITY")
            assert tenant_erasure.erase(one.slug, DOER).removed.rows["notes"] == 1
            assert master.execute("SELECT text FROM notes").fetchall() == [("b",)]
        finally:
            master.execute("DROP TABLE notes")


def test_what_a_worker_stores_while_the_tenant_goes_is_found_in_the_end(both, aws, monkeypatch):
    one, _ = both
    late = {"Bucket": settings.current().buckets["results"], "Key": f"results/{one.tenant_id}/{one.running.id}/9/late"}
    remove = tenant_erasure._remove_rows

    def remove_while_a_file_comes(*arguments):
        aws.s3.put_object(**late, Body=b"late")
        return remove(*arguments)

    monkeypatch.setattr(tenant_erasure, "_remove_rows", remove_while_a_file_comes)
    assert tenant_erasure.erase(one.slug, DOER).removed.objects["results"] == 7


def test_an_erasure_that_leaves_something_says_so(both, aws, monkeypatch):
    one, _ = both
    monkeypatch.setattr(tenant_erasure, "_remove_objects", lambda *_: None)
    with pytest.raises(Conflict, match="there again"):
        tenant_erasure.erase(one.slug, DOER)


def test_an_export_holds_every_row_and_every_version(both, postgres, aws, tmp_path: Path):
    one, other = both
    before = everything_of(postgres, aws, one)
    done = tenant_export.export(one.slug, tmp_path / "export", DOER)

    manifest_bytes = (tmp_path / "export" / "manifest.json").read_bytes()
    assert hashlib.sha256(manifest_bytes).hexdigest() == done.manifest
    manifest = json.loads(manifest_bytes)
    for name, table in manifest["tables"].items():
        content = (tmp_path / "export" / table["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == table["sha256"]
        rows = [json.loads(line) for line in content.splitlines()]
        assert len(rows) == table["rows"] == len(before[name]), name
        assert {row["id" if name == "tenants" else "tenant_id"] for row in rows} <= {str(one.tenant_id)}
    assert len(manifest["objects"]) == 12
    for stored in manifest["objects"]:
        content = (tmp_path / "export" / stored["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == stored["sha256"]
        assert one.slug.encode() in content
    everything = b"".join(path.read_bytes() for path in (tmp_path / "export").rglob("*") if path.is_file())
    assert other.slug.encode() not in everything
    assert SECRET.hex().encode() not in everything
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "export").rglob("*") if path.is_file()}
    assert modes == {0o600}
    with pool.system() as connection:
        assert audit.read(connection, action="tenant.exported")[0].target == one.slug
    with pytest.raises(ConfigurationError, match="is not empty"):
        tenant_export.export(one.slug, tmp_path / "export", DOER)
