"""What runs: the front door and the web, the workers, the functions and what feeds them, and migrations before all."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from networx.blueprint import Function
from networx.topology import TOPOLOGY
from stacks.components import access
from stacks.components.alert_topics import AlertTopics
from stacks.components.duties import FUNCTIONS
from stacks.components.firewall import Firewall
from stacks.components.front_door import FrontDoor
from stacks.components.function import VpcFunction, feed
from stacks.components.migrations import Migrations
from stacks.components.names import construct_id
from stacks.components.part_alarms import AwsAlarm, watched
from stacks.components.process_environment import function_environment, process_environment
from stacks.components.reach import Backends
from stacks.components.stack import StageStack
from stacks.components.web_service import PORT, WebService
from stacks.components.worker_service import WorkerService
from stacks.data import DataStack
from stacks.network import NetworkStack
from stacks.packaging import function_code
from stacks.queues import QueuesStack
from stacks.stages import Stage
from stacks.storage import StorageStack

_UPLOADS = "uploads/"
# Those of the web's alarms that are quiet while a stage has no web yet: its first deploy must not go back.
ROLLBACK_ALARMS = ("NetWORX-WebServerErrors", "NetWORX-LoadBalancerErrors", "NetWORX-UnhealthyHosts")


class ComputeStack(StageStack):
    """Everything without a memory: it may go and come back. `functions`, `worker_services` by the topology's names."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        env: cdk.Environment,
        network: NetworkStack,
        data: DataStack,
        storage: StorageStack,
        queues: QueuesStack,
    ) -> None:
        super().__init__(scope, id, stage=stage, env=env, description="NetWORX: web, workers and functions")
        environment = process_environment(stage, data, storage, queues)
        self.backends = Backends(network.vpc, data, storage, queues, environment, stage.market, stage.assistant)
        self.code = function_code(stage.architecture)
        self.alerts = AlertTopics(self, "Alerts")
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            vpc=network.vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        # Named here, so that the services can wait for it: without it the cluster refuses their strategies.
        capacity = ecs.CfnClusterCapacityProviderAssociations(
            self,
            "Capacity",
            cluster=self.cluster.cluster_name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategy=[],
        )
        self.migrations = Migrations(
            self, "Migrations", stage=stage, cluster=self.cluster, backends=self.backends, code=self.code
        )
        self.front_door = FrontDoor(
            self, "FrontDoor", stage=stage, vpc=network.vpc, access_logs=storage.access_logs, port=PORT
        )
        self.load_balancer = self.front_door.load_balancer
        Firewall(self, "Firewall", stage=stage, load_balancer_arn=self.load_balancer.load_balancer_arn)
        self.web = self._web(stage)
        self.web_service = self.web.service
        self.workers = {
            worker.name: WorkerService(
                self,
                construct_id(f"{worker.name}-worker"),
                stage=stage,
                worker=worker,
                cluster=self.cluster,
                backends=self.backends,
            )
            for worker in TOPOLOGY.workers
        }
        self.worker_services = {name: worker.service for name, worker in self.workers.items()}
        self.functions: dict[str, lambda_.Function] = {
            function.name: self._function(stage, function).function
            for function in TOPOLOGY.functions
            # What posts to Slack has nowhere to post where the stage names no webhook.
            if function.topic is None or stage.alerts.slack_secret_arn is not None
        }
        self._lead_uploads(storage, queues)
        for service in (self.web_service, *self.worker_services.values()):
            service.node.add_dependency(capacity, self.migrations.done)
        for function in self.functions.values():
            function.node.add_dependency(self.migrations.done)
        self._say_where(stage)

    def _web(self, stage: Stage) -> WebService:
        # They stand here and not with the other alarms: the service names them for its own deploys.
        for alarm in TOPOLOGY.part_alarms:
            if alarm.name in ROLLBACK_ALARMS:
                assert alarm.threshold is not None
                AwsAlarm(
                    self,
                    alarm,
                    metric=self.front_door.metric(alarm.metric, **watched(alarm)),
                    threshold=alarm.threshold,
                    topic=self.alerts.topic_of(pages=alarm.pages),
                )
        return WebService(
            self,
            "Web",
            stage=stage,
            cluster=self.cluster,
            backends=self.backends,
            door=self.front_door,
            rollback_alarms=list(ROLLBACK_ALARMS),
        )

    def _function(self, stage: Stage, function: Function) -> VpcFunction:
        duty = FUNCTIONS[function.name]
        made = VpcFunction(
            self,
            construct_id(function.name),
            stage=stage,
            name=function.name,
            handler=function.handler,
            code=self.code,
            timeout=cdk.Duration.seconds(int(function.timeout.total_seconds())),
            memory_mb=function.memory_mb,
            reserved=function.reserved,
            vpc=self.backends.vpc,
            security_group=self.backends.security_group(
                self, construct_id(f"{function.name}-group"), duty, function.name
            ),
            environment={**function_environment(self.backends.environment), **self.backends.told(duty)},
        )
        self.backends.grant(made.function, duty)
        if function.topic is not None and stage.alerts.slack_secret_arn is not None:
            made.function.add_environment("NETWORX_SLACK_SECRET", stage.alerts.slack_secret_arn)
            access.may_read_secrets(made.function, [stage.alerts.slack_secret_arn], None)
        feed(made, function, backends=self.backends, alerts=self.alerts)
        return made

    def _lead_uploads(self, storage: StorageStack, queues: QueuesStack) -> None:
        """What arrives in the input bucket waits in the queue of uploads, however long the database is away."""
        events.Rule(
            self,
            "Uploads",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [storage.buckets["input"].bucket_name]},
                    "object": {"key": [{"prefix": _UPLOADS}]},
                },
            ),
            targets=[targets.SqsQueue(queues.queues["upload-events"])],
        )

    def _say_where(self, stage: Stage) -> None:
        cdk.CfnOutput(self, "Address", value=f"https://{stage.domain}")
        cdk.CfnOutput(self, "LoadBalancerName", value=self.load_balancer.load_balancer_dns_name)
        cdk.CfnOutput(self, "ClusterName", value=self.cluster.cluster_name)
        cdk.CfnOutput(self, "WebServiceName", value=self.web_service.service_name)
        cdk.CfnOutput(self, "MigrationsTask", value=self.migrations.task.definition.task_definition_arn)
        cdk.CfnOutput(self, "MigrationsGroup", value=self.migrations.security_group.security_group_id)
        for name, service in self.worker_services.items():
            cdk.CfnOutput(self, f"{construct_id(name)}ServiceName", value=service.service_name)
