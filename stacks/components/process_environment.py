"""What every process of a stage is told: the variables that networx.settings reads, with the stage's addresses."""

from __future__ import annotations

from networx.topology import TOPOLOGY
from stacks.components.secret import DATABASE
from stacks.data import DataStack
from stacks.queues import QueuesStack
from stacks.stages import Stage
from stacks.storage import StorageStack

_SCRATCH_OF_FUNCTIONS = "/tmp"  # noqa: S108  # the only folder that a function may write to


def role_secrets_prefix(stage: Stage) -> str:
    """What the names of the database roles' secrets begin with."""
    return f"networx/{stage.name}/database/"


def process_environment(stage: Stage, data: DataStack, storage: StorageStack, queues: QueuesStack) -> dict[str, str]:
    """The same for web, workers, functions and migrations."""
    address = data.database.instance_endpoint.socket_address
    said = {
        "NETWORX_STAGE": stage.name,
        "AWS_REGION": stage.region,
        "LOG_LEVEL": "INFO",
        "DATABASE_URL": f"postgresql://{address}/{DATABASE}",
        "RDS_PROXY_ENDPOINT": data.proxy.endpoint,
        "NETWORX_DATABASE_SECRETS": role_secrets_prefix(stage),
        "REDIS_HOST": data.cache_endpoint,
        "REDIS_PORT": data.cache_port,
        "NETWORX_REDIS_SECRET": data.cache_secret.secret_arn,
        "NETWORX_PUBLIC_URL": f"https://{stage.domain}",
        **{bucket.environment_name: storage.buckets[bucket.name].bucket_name for bucket in TOPOLOGY.buckets},
        **{queue.environment_name: queues.queues[queue.name].queue_url for queue in TOPOLOGY.queues},
        **{queue.dead_letter_environment_name: queues.dead_letters[queue.name].queue_url for queue in TOPOLOGY.queues},
    }
    if data.replica is not None:
        said["NETWORX_DATABASE_REPLICA"] = data.replica.db_instance_endpoint_address
    return said


def function_environment(process: dict[str, str]) -> dict[str, str]:
    """The same for a function: Lambda sets AWS_REGION itself and refuses to be told."""
    told = {name: value for name, value in process.items() if name != "AWS_REGION"}
    return {**told, "NETWORX_SCRATCH": _SCRATCH_OF_FUNCTIONS}
