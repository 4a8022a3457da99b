"""What runs: the topology's workers, functions and web, each with its own queue, its settings and no more rights."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from local.home import CHECKOUT
from networx.blueprint import ARCHIVE, INLINE, MODELS, UPLOADS, Function, Worker
from networx.settings import read_settings
from networx.topology import TOPOLOGY
from stacks.assistant import Assistant
from stacks.market import Market
from stacks.sizes import SIZES
from tests.stacks.references import Place, as_text, listed, may, place_of, resource_at, statements_of
from tests.stacks.synthesis import Assembly, Resource

COMPUTE = "Compute"
EVERY_WORKER = pytest.mark.parametrize("worker", TOPOLOGY.workers, ids=lambda worker: worker.name)
EVERY_FUNCTION = pytest.mark.parametrize("function", TOPOLOGY.functions, ids=lambda function: function.name)
# What a laptop or the container service says itself, and a file that stands in the code unless told otherwise.
SAID_ELSEWHERE = {
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SQS",
    "NETWORX_DEV_KEY_FILE",
    "ECS_AGENT_URI",
    "ECS_CONTAINER_METADATA_URI_V4",
    "NETWORX_DATABASE_CA",
    "NETWORX_TRUSTED_PROXIES",  # off the laptop one, the load balancer, unless told otherwise
}
# Of sources of market data the web alone is told, and of those alone that its stage names.
OF_THE_MARKET = ("NETWORX_BLS_", "NETWORX_EIA_", "NETWORX_MARKET_", "NETWORX_OSRM_", "NETWORX_OUTBOUND_")
STATED: dict[str, Any] = json.loads((CHECKOUT / "cdk.context.json").read_text())["stages"]
# The web alone is told of the assistant, and only where its stage has one.
OF_THE_ASSISTANT = ("NETWORX_ASSISTANT_", "OPENAI_")
FOR_SOME = {
    "NETWORX_SLACK_SECRET",
    "NETWORX_DATABASE_MASTER_SECRET",
    "NETWORX_DATABASE_REPLICA",
    "NETWORX_ALIVE_FILE",
    "NETWORX_DATABASE_INSTANCE",
    "NETWORX_BACKUP_VAULT",
    "NETWORX_KEY_PEPPER_SECRET",
    "NETWORX_OIDC_ISSUER",
    "NETWORX_OIDC_CLIENT",
    "NETWORX_OIDC_SIGNER",
    "NETWORX_OIDC_KEYS",
}
OF_THE_WEB = {"NETWORX_WEB_HOST", "NETWORX_WEB_PORT"}


class Asked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self.told, self.names = told, set[str]()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self.told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.told)

    def __len__(self) -> int:
        return len(self.told)


def task(deployed: Assembly, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The task definition whose container has this name, and the container."""
    for properties in deployed[COMPUTE].properties("AWS::ECS::TaskDefinition"):
        (container,) = properties["ContainerDefinitions"]
        if container["Name"] == name:
            return properties, container
    raise LookupError(name)


def tasks(deployed: Assembly) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    names = ["web", "migrations", *(f"worker-{worker.name}" for worker in TOPOLOGY.workers)]
    return [task(deployed, name) for name in names]


def service_of(deployed: Assembly, worker: Worker) -> tuple[str, Resource]:
    stem = f"{worker.name.capitalize()}WorkerService"
    ((name, resource),) = (
        found for found in deployed[COMPUTE].of_type("AWS::ECS::Service").items() if found[0].startswith(stem)
    )
    return name, resource


def functions(deployed: Assembly) -> dict[str, Resource]:
    """Name of the topology -> Lambda, without the deploy's own."""
    found = deployed[COMPUTE].of_type("AWS::Lambda::Function")
    by_handler = {resource["Properties"]["Handler"]: resource for resource in found.values()}
    return {f.name: by_handler[f.handler] for f in TOPOLOGY.functions if f.handler in by_handler}


def queue_place(deployed: Assembly, name: str) -> Place:
    (found,) = (
        made for made in deployed["Queues"].of_type("AWS::SQS::Queue") if made.startswith(stem_of(name) + "Queue")
    )
    return "Queues", found


def stem_of(queue: str) -> str:
    """What the logical ids of a queue and of its dead letters begin with."""
    return "".join(part.capitalize() for part in queue.removesuffix(".fifo").split("-"))


def environment_of(deployed: Assembly, container: Mapping[str, Any]) -> dict[str, str]:
    return {said["Name"]: as_text(deployed, COMPUTE, said["Value"]) for said in container["Environment"]}


# Workers


@EVERY_WORKER
def test_a_worker_consumes_its_own_queue_and_no_other(deployed: Assembly, worker: Worker) -> None:
    role = task(deployed, f"worker-{worker.name}")[0]["TaskRoleArn"]
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"):
        assert may(deployed, COMPUTE, role, action) == {queue_place(deployed, worker.queue)}


@EVERY_WORKER
def test_a_worker_may_relay_to_every_job_queue_and_its_dead_letters(deployed: Assembly, worker: Worker) -> None:
    role = task(deployed, f"worker-{worker.name}")[0]["TaskRoleArn"]
    targets = may(deployed, COMPUTE, role, "sqs:SendMessage")
    assert {queue_place(deployed, queue.name) for queue in TOPOLOGY.job_queues()} < targets
    assert len(targets) == 2 * len(TOPOLOGY.job_queues())
    assert queue_place(deployed, "upload-events") not in targets


@EVERY_WORKER
def test_a_worker_is_the_topologys_in_the_stages_size(deployed: Assembly, worker: Worker) -> None:
    definition, container = task(deployed, f"worker-{worker.name}")
    size = SIZES[deployed.stage].workers[worker.name]
    assert container["Command"] == ["python", "-m", "networx.work.serve", "--worker", worker.name]
    assert definition["Cpu"] == str(size.vcpu * 1024)
    assert definition["Memory"] == str(size.memory_gib * 1024)
    assert container["StopTimeout"] == TOPOLOGY.leases.stop_timeout.total_seconds()


def test_a_file_worker_has_room_for_the_largest_files_it_holds_at_once(deployed: Assembly) -> None:
    size_gib = task(deployed, "worker-file")[0]["EphemeralStorage"]["SizeInGiB"]
    slots = TOPOLOGY.worker("file").slots
    assert size_gib * 1024**3 > slots * TOPOLOGY.limits.s3_upload_bytes


@EVERY_WORKER
def test_a_worker_may_see_and_protect_its_task_in_our_cluster_only(deployed: Assembly, worker: Worker) -> None:
    role = task(deployed, f"worker-{worker.name}")[0]["TaskRoleArn"]
    (allowed,) = (
        statement
        for statement in statements_of(deployed, COMPUTE, role)
        if "ecs:UpdateTaskProtection" in listed(statement["Action"])
    )
    assert set(allowed["Action"]) == {"ecs:UpdateTaskProtection", "ecs:GetTaskProtection", "ecs:DescribeTasks"}
    cluster = allowed["Condition"]["ArnEquals"]["ecs:cluster"]
    assert resource_at(deployed, place_of(deployed, COMPUTE, cluster))["Type"] == "AWS::ECS::Cluster"


@EVERY_WORKER
def test_a_worker_may_look_at_its_own_service_and_nothing_else(deployed: Assembly, worker: Worker) -> None:
    role = task(deployed, f"worker-{worker.name}")[0]["TaskRoleArn"]
    name, _ = service_of(deployed, worker)
    assert may(deployed, COMPUTE, role, "ecs:DescribeServices") == {(COMPUTE, name)}


@EVERY_WORKER
def test_a_worker_scales_on_its_own_backlog_between_the_stages_bounds(deployed: Assembly, worker: Worker) -> None:
    name, _ = service_of(deployed, worker)
    size = SIZES[deployed.stage].workers[worker.name]
    template = deployed[COMPUTE]
    ((target_id, target),) = (
        (target_id, found["Properties"])
        for target_id, found in template.of_type("AWS::ApplicationAutoScaling::ScalableTarget").items()
        if name in json.dumps(found["Properties"]["ResourceId"])
    )
    assert (target["MinCapacity"], target["MaxCapacity"]) == (size.min, size.max)
    policies = [
        policy
        for policy in template.properties("AWS::ApplicationAutoScaling::ScalingPolicy")
        if policy["ScalingTargetId"]["Ref"] == target_id
    ]
    (tracking,) = (policy for policy in policies if policy["PolicyType"] == "TargetTrackingScaling")
    configuration = tracking["TargetTrackingScalingPolicyConfiguration"]
    assert configuration["TargetValue"] == worker.slots
    measured = configuration["CustomizedMetricSpecification"]["Metrics"]
    queues = {
        place_of(deployed, COMPUTE, dimension["Value"])
        for metric in measured
        if "MetricStat" in metric
        for dimension in metric["MetricStat"]["Metric"]["Dimensions"]
        if dimension["Name"] == "QueueName"
    }
    assert queues == {queue_place(deployed, worker.queue)}
    (formula,) = (metric["Expression"] for metric in measured if metric["ReturnData"])
    assert all(metric["Id"] in formula for metric in measured if "MetricStat" in metric)
    steps = [policy for policy in policies if policy["PolicyType"] == "StepScaling"]
    assert bool(steps) == (size.min == 0), "only from zero does a step bring up the first task"


@EVERY_WORKER
def test_a_worker_runs_on_spot_where_the_stage_says_so(deployed: Assembly, worker: Worker) -> None:
    strategy = service_of(deployed, worker)[1]["Properties"]["CapacityProviderStrategy"]
    expected = "FARGATE_SPOT" if SIZES[deployed.stage].workers[worker.name].spot else "FARGATE"
    assert [provider["CapacityProvider"] for provider in strategy] == [expected]


# Every container and every service


def test_every_container_is_confined(deployed: Assembly) -> None:
    for definition, container in tasks(deployed):
        assert container["ReadonlyRootFilesystem"] is True
        assert container["User"].split(":")[0] not in ("", "0", "root")
        assert container["LinuxParameters"]["Capabilities"]["Drop"] == ["ALL"]
        (mounted,) = container["MountPoints"]
        assert mounted["ContainerPath"] == environment_of(deployed, container)["NETWORX_SCRATCH"]
        assert mounted["SourceVolume"] in [volume["Name"] for volume in definition["Volumes"]]


def test_every_task_has_a_machine_of_the_stages_architecture(deployed: Assembly) -> None:
    expected = {"x86_64": "X86_64", "arm64": "ARM64"}[SIZES[deployed.stage].architecture]
    assert all(definition["RuntimePlatform"]["CpuArchitecture"] == expected for definition, _ in tasks(deployed))


def test_every_service_rolls_back_by_itself_and_keeps_the_number_that_scaling_chose(deployed: Assembly) -> None:
    for service in deployed[COMPUTE].properties("AWS::ECS::Service"):
        assert service["DeploymentConfiguration"]["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
        assert "DesiredCount" not in service
        assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"


def test_every_service_and_function_waits_for_the_migrations(deployed: Assembly) -> None:
    template = deployed[COMPUTE]
    (done,) = template.of_type("Custom::Migrations")
    waiting = [*template.of_type("AWS::ECS::Service").values(), *functions(deployed).values()]
    assert all(done in resource["DependsOn"] for resource in waiting)


def test_the_migrations_run_again_for_another_image(deployed: Assembly) -> None:
    asked = deployed[COMPUTE].only("Custom::Migrations")
    assert asked["Image"] == task(deployed, "migrations")[1]["Image"] == task(deployed, "web")[1]["Image"]


def test_only_the_migrations_know_the_master_and_the_owner(deployed: Assembly) -> None:
    readers = {
        container["Name"]
        for definition, container in tasks(deployed)
        for _, secret in may(deployed, COMPUTE, definition["TaskRoleArn"], "secretsmanager:GetSecretValue")
        if "Master" in secret or "Owner" in secret
    }
    assert readers == {"migrations"}


def test_the_database_itself_is_open_to_loads_migrations_and_those_who_read_its_replica_alone(
    deployed: Assembly,
) -> None:
    direct = {
        place_of(deployed, COMPUTE, rule["SourceSecurityGroupId"])[1]
        for rule in deployed[COMPUTE].properties("AWS::EC2::SecurityGroupIngress")
        if "Postgres" in place_of(deployed, COMPUTE, rule["GroupId"])[1]
    }
    # Web and monitor ask the replica; replica and primary are of one group.
    owners = ("FileWorker", "Migrations", "DatabaseMonitor", "Web")
    assert {next(owner for owner in owners if name.startswith(owner)) for name in direct} == set(owners)


# Figures of the market


def test_the_web_is_told_the_sources_that_its_stage_names_and_nobody_else_is(deployed: Assembly) -> None:
    market = Market.of(STATED[deployed.stage].get("market", {}))
    told = environment_of(deployed, task(deployed, "web")[1])
    assert {name: value for name, value in told.items() if name.startswith(OF_THE_MARKET)} == market.told()
    settings = read_settings(told)
    assert (settings.market.eia_secret, settings.market.bls_secret) == (market.eia_secret_arn, market.bls_secret_arn)
    assert settings.market.osrm_urls == market.osrm_urls
    assert {f"{host.host}:{host.port}" for host in settings.outbound.private_hosts} == set(market.private_hosts)
    others = [environment_of(deployed, container) for _, container in tasks(deployed) if container["Name"] != "web"]
    others += [f["Properties"]["Environment"]["Variables"] for f in functions(deployed).values()]
    assert not [name for environment in others for name in environment if name.startswith(OF_THE_MARKET)]


def test_the_web_is_told_of_the_assistant_that_its_stage_has_and_nobody_else_is(deployed: Assembly) -> None:
    stated = STATED[deployed.stage].get("assistant")
    told = environment_of(deployed, task(deployed, "web")[1])
    expected = {} if stated is None else Assistant(**stated).told()
    assert {name: value for name, value in told.items() if name.startswith(OF_THE_ASSISTANT)} == expected
    terms = read_settings(told).assistant
    assert (terms is None) == (stated is None)
    if terms is not None and stated is not None:
        assert (terms.url, terms.secret, terms.model) == (stated["url"], stated["secret_arn"], stated["model"])
        assert set(terms.prices) == set(stated["prices"])
        assert str(terms.monthly.dollars) == stated["monthly_dollars"]
    others = [environment_of(deployed, container) for _, container in tasks(deployed) if container["Name"] != "web"]
    others += [f["Properties"]["Environment"]["Variables"] for f in functions(deployed).values()]
    assert not [name for environment in others for name in environment if name.startswith(OF_THE_ASSISTANT)]


def test_a_stage_of_the_checkout_has_an_assistant():
    assert [name for name, said in STATED.items() if said.get("assistant")], "else nothing is tested above"


def test_the_web_may_read_the_keys_of_its_sources_and_nobody_else_may(deployed: Assembly) -> None:
    keys = set(Market.of(STATED[deployed.stage].get("market", {})).secrets)
    keys |= {said["secret_arn"] for said in [STATED[deployed.stage].get("assistant")] if said}
    for definition, container in tasks(deployed):
        read = {
            arn
            for statement in statements_of(deployed, COMPUTE, definition["TaskRoleArn"])
            if "secretsmanager:GetSecretValue" in listed(statement["Action"])
            for arn in listed(statement["Resource"])
            if isinstance(arn, str)
        }
        assert read & keys == (keys if container["Name"] == "web" else set())


def test_ways_out_are_opened_to_the_hosts_of_sources_alone(deployed: Assembly) -> None:
    market = Market.of(STATED[deployed.stage].get("market", {}))
    opened = {
        (rule["CidrIp"], rule["ToPort"], name)
        for name, group in deployed[COMPUTE].of_type("AWS::EC2::SecurityGroup").items()
        for rule in group["Properties"].get("SecurityGroupEgress", [])
        if "CidrIp" in rule and rule["CidrIp"] != "255.255.255.255/32"
    }
    beyond = {(network, port, name) for network, port, name in opened if port != 443}
    assert {(network, port) for network, port, _ in beyond} == set(market.ways_out)
    assert all(name.startswith("WebGroup") for *_, name in beyond)


# Settings


@pytest.mark.parametrize("name", ["web", "migrations", *(f"worker-{worker.name}" for worker in TOPOLOGY.workers)])
def test_a_task_is_told_what_the_settings_read(deployed: Assembly, name: str) -> None:
    told = environment_of(deployed, task(deployed, name)[1])
    settings_agree(deployed, told, OF_THE_WEB if name == "web" else set())


@EVERY_FUNCTION
def test_a_function_is_told_what_the_settings_read(deployed: Assembly, function: Function) -> None:
    if function.name not in functions(deployed):
        pytest.skip("this stage has no webhook")
    variables = functions(deployed)[function.name]["Properties"]["Environment"]["Variables"]
    assert "AWS_REGION" not in variables, "Lambda refuses to be told its region"
    told = {name: as_text(deployed, COMPUTE, value) for name, value in variables.items()}
    settings_agree(deployed, {**told, "AWS_REGION": "us-east-1"}, set())


def settings_agree(deployed: Assembly, told: dict[str, str], besides: set[str]) -> None:
    asked = Asked(told)
    settings = read_settings(asked)
    clocks = {name for name in asked.names if name.startswith("NETWORX_") and name.endswith("_SECONDS")}
    assert set(told) - besides <= asked.names - clocks, "nothing is said that nobody reads"
    silent = {name for name in asked.names if name.startswith((*OF_THE_MARKET, *OF_THE_ASSISTANT))}
    assert asked.names - set(told) <= SAID_ELSEWHERE | FOR_SOME | clocks | silent, "a default is no accident"
    assert settings.stage == deployed.stage
    assert settings.proxy is not None
    assert settings.proxy != settings.database
    for queue in TOPOLOGY.queues:
        assert settings.queue_urls[queue.name] == queue_place(deployed, queue.name)[1]
        dead_letters = settings.dead_letter_urls[queue.name]
        assert dead_letters.startswith(stem_of(queue.name) + "DeadLetters")
    assert (settings.replica is not None) == (SIZES[deployed.stage].database.replica_instance is not None)


def test_no_secret_stands_in_an_environment(deployed: Assembly) -> None:
    for _, container in tasks(deployed):
        assert "resolve:secretsmanager" not in json.dumps(container)


# Functions


def test_a_stage_has_every_function_that_it_has_a_use_for(deployed: Assembly, prod: Assembly) -> None:
    assert set(functions(prod)) == {function.name for function in TOPOLOGY.functions}
    assert {f.name for f in TOPOLOGY.functions if f.topic is None} <= set(functions(deployed))


@EVERY_FUNCTION
def test_a_function_is_the_topologys(prod: Assembly, function: Function) -> None:
    made = functions(prod)[function.name]["Properties"]
    assert made["Timeout"] == function.timeout.total_seconds()
    assert made["MemorySize"] == function.memory_mb
    assert made.get("ReservedConcurrentExecutions") == function.reserved
    assert made["TracingConfig"] == {"Mode": "Active"}
    assert made["VpcConfig"]["SecurityGroupIds"]
    module, _, name = function.handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_functions_share_one_code(deployed: Assembly) -> None:
    found = deployed[COMPUTE].properties("AWS::Lambda::Function")
    assert len({json.dumps(made["Code"], sort_keys=True) for made in found}) == 1


@pytest.mark.parametrize("function", [f for f in TOPOLOGY.functions if f.queue], ids=lambda function: function.name)
def test_a_function_is_fed_by_its_queue_and_names_what_failed(deployed: Assembly, function: Function) -> None:
    assert function.queue is not None
    (source,) = (
        found
        for found in deployed[COMPUTE].properties("AWS::Lambda::EventSourceMapping")
        if resource_at(deployed, place_of(deployed, COMPUTE, found["FunctionName"]))
        is functions(deployed)[function.name]
    )
    assert place_of(deployed, COMPUTE, source["EventSourceArn"]) == queue_place(deployed, function.queue)
    assert source["BatchSize"] == function.batch_size
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] == function.reserved
    role = functions(deployed)[function.name]["Properties"]["Role"]
    assert may(deployed, COMPUTE, role, "sqs:ReceiveMessage") == {queue_place(deployed, function.queue)}


@pytest.mark.parametrize("function", [f for f in TOPOLOGY.functions if f.schedule], ids=lambda function: function.name)
def test_a_scheduled_function_ticks_as_the_topology_says(deployed: Assembly, function: Function) -> None:
    assert function.schedule is not None
    (rule,) = (
        found
        for found in deployed[COMPUTE].properties("AWS::Events::Rule")
        if "ScheduleExpression" in found
        and resource_at(deployed, place_of(deployed, COMPUTE, found["Targets"][0]["Arn"]))
        is functions(deployed)[function.name]
    )
    said = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", rule["ScheduleExpression"])
    assert said is not None
    assert timedelta(**{f"{said[2]}s": int(said[1])}) == function.schedule


def test_the_database_monitor_sees_the_backups_of_this_database_and_changes_nothing(deployed: Assembly) -> None:
    monitor = functions(deployed)["database-monitor"]["Properties"]
    (database,) = may(deployed, COMPUTE, monitor["Role"], "rds:DescribeDBInstances")
    (vault,) = may(deployed, COMPUTE, monitor["Role"], "backup:ListRecoveryPointsByBackupVault")
    told = monitor["Environment"]["Variables"]
    assert place_of(deployed, COMPUTE, told["NETWORX_DATABASE_INSTANCE"]) == database
    assert place_of(deployed, COMPUTE, told["NETWORX_BACKUP_VAULT"]) == vault
    assert (database[0], vault[0]) == ("Data", "Data")
    assert "Primary" in database[1]


def test_the_daily_cleanup_removes_inputs_and_results_and_writes_the_archive_alone(deployed: Assembly) -> None:
    for name, removed in (("cleanup", set()), ("daily-cleanup", {"Results", "Input"})):
        role = functions(deployed)[name]["Properties"]["Role"]
        places = may(deployed, COMPUTE, role, "s3:DeleteObject")
        assert {stem for stem in ("Input", "Processed", "Results", "Quarantine") for _, at in places if stem in at} == (
            removed
        )
        written = {
            as_text(deployed, COMPUTE, resource).partition("/")[2]
            for statement in statements_of(deployed, COMPUTE, role)
            if "s3:PutObject" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }
        assert written == ({f"{ARCHIVE}*"} if name == "daily-cleanup" else set())
        assert may(deployed, COMPUTE, role, "sqs:SendMessage") == {queue_place(deployed, "upload-events")}


def test_of_the_input_the_cleanup_removes_what_clients_brought_and_nothing_else(deployed: Assembly) -> None:
    role = functions(deployed)["daily-cleanup"]["Properties"]["Role"]
    removable = [
        as_text(deployed, COMPUTE, resource)
        for statement in statements_of(deployed, COMPUTE, role)
        if "s3:DeleteObject" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if "Input" in place_of(deployed, COMPUTE, resource)[1]
    ]
    assert {place.partition("/")[2] for place in removable} == {f"{MODELS}*", f"{INLINE}*", f"{UPLOADS}*"}


def test_the_dead_letter_consumer_goes_through_dead_letters_and_takes_from_no_queue(deployed: Assembly) -> None:
    role = functions(deployed)["dead-letter-consumer"]["Properties"]["Role"]
    stems = {stem_of(queue.name) + "DeadLetters" for queue in TOPOLOGY.job_queues()}
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"):
        places = may(deployed, COMPUTE, role, action)
        assert len(places) == len(stems)
        assert {stem for stem in stems for _, name in places if name.startswith(stem)} == stems
    assert not [
        source
        for source in deployed[COMPUTE].properties("AWS::Lambda::EventSourceMapping")
        if "DeadLetters" in place_of(deployed, COMPUTE, source["EventSourceArn"])[1]
    ]


def test_the_queue_monitor_counts_every_queue_and_takes_from_none(deployed: Assembly) -> None:
    role = functions(deployed)["queue-monitor"]["Properties"]["Role"]
    counted = may(deployed, COMPUTE, role, "sqs:GetQueueAttributes")
    dead = {place for place in counted if "DeadLetters" in place[1]}
    assert counted - dead == {queue_place(deployed, queue.name) for queue in TOPOLOGY.queues}
    assert len(dead) == len(TOPOLOGY.queues)
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"):
        assert may(deployed, COMPUTE, role, action) == set()


def test_an_upload_goes_from_the_input_bucket_to_its_queue(deployed: Assembly) -> None:
    (rule,) = (found for found in deployed[COMPUTE].properties("AWS::Events::Rule") if "EventPattern" in found)
    pattern = rule["EventPattern"]
    assert pattern["source"] == ["aws.s3"]
    assert pattern["detail-type"] == ["Object Created"]
    assert pattern["detail"]["object"] == {"key": [{"prefix": "uploads/"}]}
    (bucket,) = pattern["detail"]["bucket"]["name"]
    stack, name = place_of(deployed, COMPUTE, bucket)
    assert (stack, name.startswith("Input")) == ("Storage", True)
    (target,) = rule["Targets"]
    assert place_of(deployed, COMPUTE, target["Arn"]) == queue_place(deployed, "upload-events")


# The web


def test_the_web_has_the_stages_size_and_is_asked_whether_it_lives(deployed: Assembly) -> None:
    definition, container = task(deployed, "web")
    size = SIZES[deployed.stage].web
    assert (definition["Cpu"], definition["Memory"]) == (str(size.vcpu * 1024), str(size.memory_gib * 1024))
    assert "/api/health/live" in " ".join(container["HealthCheck"]["Command"])
    asked = {group["Port"] for group in deployed[COMPUTE].properties("AWS::ElasticLoadBalancingV2::TargetGroup")}
    assert {str(port) for port in asked} == {environment_of(deployed, container)["NETWORX_WEB_PORT"]}


def test_only_the_web_judges_keys_and_it_alone_is_told_of_the_pepper(deployed: Assembly) -> None:
    readers = {
        container["Name"]
        for definition, container in tasks(deployed)
        for _, secret in may(deployed, COMPUTE, definition["TaskRoleArn"], "secretsmanager:GetSecretValue")
        if "Pepper" in secret
    }
    told = {
        container["Name"]
        for _, container in tasks(deployed)
        if "NETWORX_KEY_PEPPER_SECRET" in environment_of(deployed, container)
    }
    assert readers == told == {"web"}


def test_the_web_believes_the_balancer_that_signs_people_in_and_no_other(deployed: Assembly) -> None:
    told = {said["Name"]: said["Value"] for said in task(deployed, "web")[1]["Environment"]}
    signing_in = [
        action["AuthenticateOidcConfig"]
        for rule in deployed[COMPUTE].properties("AWS::ElasticLoadBalancingV2::ListenerRule")
        for action in rule["Actions"]
        if action["Type"] == "authenticate-oidc"
    ]
    if not signing_in:
        assert not [name for name in told if name.startswith("NETWORX_OIDC_")]
        return
    (configured,) = signing_in
    assert told["NETWORX_OIDC_ISSUER"] == configured["Issuer"]
    assert told["NETWORX_OIDC_CLIENT"] == configured["ClientId"]
    signer = resource_at(deployed, place_of(deployed, COMPUTE, told["NETWORX_OIDC_SIGNER"]))
    assert signer["Type"] == "AWS::ElasticLoadBalancingV2::LoadBalancer"
    assert told["NETWORX_OIDC_KEYS"] == f"https://public-keys.auth.elb.{told['AWS_REGION']}.amazonaws.com"


def test_every_log_group_forgets_in_time(deployed: Assembly) -> None:
    groups = deployed[COMPUTE].properties("AWS::Logs::LogGroup")
    assert {group["RetentionInDays"] for group in groups} == {SIZES[deployed.stage].log_days}
    logged = {container["LogConfiguration"]["Options"]["awslogs-group"]["Ref"] for _, container in tasks(deployed)}
    logged |= {
        found["LoggingConfig"]["LogGroup"]["Ref"] for found in deployed[COMPUTE].properties("AWS::Lambda::Function")
    }
    assert logged <= set(deployed[COMPUTE].of_type("AWS::Logs::LogGroup"))
