"""A worker of the topology as a Fargate service that grows with its backlog and lets no running job go."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from networx.blueprint import Worker
from networx.topology import TOPOLOGY
from stacks.components import access
from stacks.components.backlog_scaling import BacklogScaling
from stacks.components.container_task import SCRATCH, ContainerTask
from stacks.components.duties import WORKERS
from stacks.components.reach import Backends
from stacks.stages import Stage

# A file of 5 GB, unpacked, three at a time.
_SCRATCH_GIB = {"file": 100}


class WorkerService(Construct):
    """`service`, its `task` and its `scaling`."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, worker: Worker, cluster: ecs.ICluster, backends: Backends
    ) -> None:
        super().__init__(scope, id)
        size, duty = stage.workers[worker.name], WORKERS[worker.name]
        queue = backends.queues.queues[worker.queue]
        self.task = ContainerTask(
            self,
            "Container",
            stage=stage,
            name=f"worker-{worker.name}",
            image="worker",
            vcpu=size.vcpu,
            memory_gib=size.memory_gib,
            scratch_gib=_SCRATCH_GIB.get(worker.name),
            command=["python", "-m", "networx.work.serve", "--worker", worker.name],
            environment={**backends.environment, "NETWORX_ALIVE_FILE": f"{SCRATCH}/alive"},
            health_command=["python", "-m", "networx.jobs.alive"],
            stop_timeout=cdk.Duration.seconds(int(TOPOLOGY.leases.stop_timeout.total_seconds())),
        )
        role = self.task.definition.task_role
        backends.grant(role, duty)
        access.may_consume(role, queue, backends.queues.key)
        access.may_protect_its_task(role, cluster.cluster_arn)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=self.task.definition,
            security_groups=[backends.security_group(self, "Group", duty, f"worker {worker.name}")],
            # Chosen at birth: a live service takes no other strategy without being replaced. No desired count
            # either: each deploy would undo what the scaling did.
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(capacity_provider="FARGATE_SPOT" if size.spot else "FARGATE", weight=1)
            ],
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        access.may_look_at_its_service(role, self.service)
        self.scaling = BacklogScaling(
            self, "Scaling", service=self.service, queue=queue, slots=worker.slots, least=size.min, most=size.max
        )
