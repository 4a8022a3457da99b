"""The words a topology is written in, and the rules it must keep: building one that contradicts itself is refused.

Frozen data only. What really runs is said in `networx.topology`, in these words.
"""

from networx.blueprint.bounds import Leases, Limits
from networx.blueprint.storage import ARCHIVE, INLINE, MODELS, REFUSED, TEMPORARY, UPLOADS, Bucket
from networx.blueprint.watch import Alarm, Metric, Part, PartAlarm
from networx.blueprint.whole import Topology
from networx.blueprint.work import (
    FARGATE_MEMORY_GIB,
    SQS_LONGEST_RETENTION,
    SQS_LONGEST_VISIBILITY,
    Circuit,
    Function,
    JobKind,
    Queue,
    Web,
    Worker,
)

__all__ = [
    "ARCHIVE",
    "FARGATE_MEMORY_GIB",
    "INLINE",
    "MODELS",
    "REFUSED",
    "SQS_LONGEST_RETENTION",
    "SQS_LONGEST_VISIBILITY",
    "TEMPORARY",
    "UPLOADS",
    "Alarm",
    "Bucket",
    "Circuit",
    "Function",
    "JobKind",
    "Leases",
    "Limits",
    "Metric",
    "Part",
    "PartAlarm",
    "Queue",
    "Topology",
    "Web",
    "Worker",
]
