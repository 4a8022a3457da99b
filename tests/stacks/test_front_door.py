"""The front door: who comes in and how, and how a deploy of the web moves them to the next version and back."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import pytest

from networx.topology import TOPOLOGY
from stacks.sizes import SIZES
from tests.stacks.references import Place, place_of, resource_at
from tests.stacks.synthesis import Assembly, Resource

COMPUTE, WATCH = "Compute", "Watch"
PATH_LIVE = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/health/live"]}}
PATH_ANY = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["*"]}}
API_KEY = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-API-Key", "Values": ["?*"]}}
BEARER = {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "Authorization", "Values": ["Bearer ?*"]}}


def listeners(deployed: Assembly) -> dict[int, Resource]:
    found = deployed[COMPUTE].of_type("AWS::ElasticLoadBalancingV2::Listener")
    return {resource["Properties"]["Port"]: resource["Properties"] for resource in found.values()}


def rules(deployed: Assembly) -> dict[str, Resource]:
    """Logical id -> properties, in the order in which the balancer asks them."""
    found = deployed[COMPUTE].of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
    ordered = sorted(found.items(), key=lambda item: int(item[1]["Properties"]["Priority"]))
    return {name: resource["Properties"] for name, resource in ordered}


def actions(rule: Resource) -> list[Resource]:
    """What a rule does, in its order."""
    return sorted(rule["Actions"], key=lambda action: int(action.get("Order", 1)))


def groups_of(deployed: Assembly, rule: Resource) -> dict[Place, int]:
    """The target groups that a rule forwards to, and how much of its requests each is given."""
    return {
        place_of(deployed, COMPUTE, group["TargetGroupArn"]): group["Weight"]
        for group in actions(rule)[-1]["ForwardConfig"]["TargetGroups"]
    }


def target_groups(deployed: Assembly) -> dict[Place, Resource]:
    found = deployed[COMPUTE].of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
    return {(COMPUTE, name): resource["Properties"] for name, resource in found.items()}


def web(deployed: Assembly) -> Resource:
    (service,) = (s for s in deployed[COMPUTE].properties("AWS::ECS::Service") if s.get("LoadBalancers"))
    return service


def alarm(deployed: Assembly, name: str) -> tuple[str, Resource]:
    """The stack and the properties of the one alarm of a name."""
    ((stack, properties),) = (
        (stack, properties)
        for stack in (COMPUTE, WATCH)
        for properties in deployed[stack].properties("AWS::CloudWatch::Alarm")
        if properties.get("AlarmName") == name
    )
    return stack, properties


def queries(properties: Resource) -> dict[str, Any]:
    """Id -> metric, of those that an alarm's expression stands on."""
    return {
        query["Id"]: query["MetricStat"]["Metric"] for query in properties.get("Metrics", []) if "MetricStat" in query
    }


# Who comes in


def test_nothing_is_served_without_tls_of_today(deployed: Assembly) -> None:
    assert set(listeners(deployed)) == {80, 443}
    (redirect,) = listeners(deployed)[80]["DefaultActions"]
    assert redirect["RedirectConfig"] == {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"}
    assert listeners(deployed)[443]["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-")


def test_keys_tokens_and_the_live_endpoint_pass_and_nothing_else(deployed: Assembly) -> None:
    passed = [rule for rule in rules(deployed).values() if [action["Type"] for action in actions(rule)] == ["forward"]]
    assert [rule["Conditions"] for rule in passed] == [[API_KEY], [BEARER], [PATH_LIVE]]


def test_everyone_else_signs_in_where_the_stage_has_an_issuer(prod: Assembly) -> None:
    *_, last = rules(prod).values()
    assert last["Conditions"] == [PATH_ANY]
    sign_in, forward = actions(last)
    assert (sign_in["Type"], forward["Type"]) == ("authenticate-oidc", "forward")
    oidc = sign_in["AuthenticateOidcConfig"]
    assert oidc["OnUnauthenticatedRequest"] == "authenticate"
    assert oidc["ClientSecret"].startswith("{{resolve:secretsmanager:")


def test_everyone_else_is_refused_where_the_stage_has_no_issuer(dev: Assembly) -> None:
    assert PATH_ANY not in chain.from_iterable(rule["Conditions"] for rule in rules(dev).values())


def test_whom_no_rule_lets_in_is_refused(deployed: Assembly) -> None:
    (action,) = listeners(deployed)[443]["DefaultActions"]
    assert action["FixedResponseConfig"]["StatusCode"] == "401"
    said = json.loads(action["FixedResponseConfig"]["MessageBody"])
    assert (said["success"], said["code"]) == (False, "UNAUTHENTICATED")


def test_the_balancer_keeps_a_log_drops_bad_headers_and_is_protected_where_data_is(deployed: Assembly) -> None:
    said = {
        attribute["Key"]: attribute["Value"]
        for attribute in deployed[COMPUTE].only("AWS::ElasticLoadBalancingV2::LoadBalancer")["LoadBalancerAttributes"]
    }
    assert said["access_logs.s3.enabled"] == "true"
    assert place_of(deployed, COMPUTE, said["access_logs.s3.bucket"])[1].startswith("AccessLogs")
    assert said["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert said["idle_timeout.timeout_seconds"] == str(int(TOPOLOGY.web.load_balancer_idle.total_seconds()))
    assert said.get("deletion_protection.enabled", "false") == str(SIZES[deployed.stage].retain).lower()


def test_a_firewall_stands_before_the_balancer_and_lets_large_bodies_through(deployed: Assembly) -> None:
    template = deployed[COMPUTE]
    guarded = place_of(deployed, COMPUTE, template.only("AWS::WAFv2::WebACLAssociation")["ResourceArn"])
    assert resource_at(deployed, guarded)["Type"] == "AWS::ElasticLoadBalancingV2::LoadBalancer"
    named = {rule["Name"]: rule for rule in template.only("AWS::WAFv2::WebACL")["Rules"]}
    common = named["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert common["RuleActionOverrides"] == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    assert "AWSManagedRulesKnownBadInputsRuleSet" in named
    assert named["Flood"]["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


# From one version to the next


def test_every_way_in_leads_to_two_groups_that_no_other_leads_to(deployed: Assembly) -> None:
    led_to = [groups_of(deployed, rule) for rule in rules(deployed).values()]
    assert [sorted(weights.values()) for weights in led_to] == [[0, 100]] * len(led_to)
    assert len({place for weights in led_to for place in weights}) == 2 * len(led_to)
    assert {place for weights in led_to for place in weights} == set(target_groups(deployed))


def test_every_group_judges_its_tasks_alike(deployed: Assembly) -> None:
    (alike,) = {json.dumps(group, sort_keys=True) for group in target_groups(deployed).values()}
    assert json.loads(alike)["HealthCheckPath"] == "/api/health/live"


def test_a_deploy_moves_every_way_in_from_one_of_its_groups_to_the_other(deployed: Assembly) -> None:
    assert web(deployed)["DeploymentConfiguration"]["Strategy"] == "BLUE_GREEN"
    moved = {
        place_of(deployed, COMPUTE, entry["AdvancedConfiguration"]["ProductionListenerRule"])[1]: {
            place_of(deployed, COMPUTE, entry["TargetGroupArn"]): 100,
            place_of(deployed, COMPUTE, entry["AdvancedConfiguration"]["AlternateTargetGroupArn"]): 0,
        }
        for entry in web(deployed)["LoadBalancers"]
    }
    assert moved == {name: groups_of(deployed, rule) for name, rule in rules(deployed).items()}


def test_a_service_takes_no_more_load_balancers_than_ecs_allows(deployed: Assembly) -> None:
    assert len(web(deployed)["LoadBalancers"]) <= 5


def test_the_container_service_may_move_the_rules_and_nobody_else_may_be_it(deployed: Assembly) -> None:
    (role,) = {
        place_of(deployed, COMPUTE, entry["AdvancedConfiguration"]["RoleArn"])
        for entry in web(deployed)["LoadBalancers"]
    }
    properties = resource_at(deployed, role)["Properties"]
    (policy,) = properties["ManagedPolicyArns"]
    assert json.dumps(policy).endswith('iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"]]}')
    (trusted,) = properties["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "ecs.amazonaws.com"}


def test_alarms_of_the_web_take_a_deploy_back(deployed: Assembly) -> None:
    watched = web(deployed)["DeploymentConfiguration"]["Alarms"]
    assert (watched["Enable"], watched["Rollback"]) == (True, True)
    assert {"NetWORX-WebServerErrors", "NetWORX-LoadBalancerErrors"} <= set(watched["AlarmNames"])
    named = {properties.get("AlarmName") for properties in deployed[COMPUTE].properties("AWS::CloudWatch::Alarm")}
    assert set(watched["AlarmNames"]) <= named, "the alarm stands in the same stack, before the service"


def test_both_versions_run_for_longer_than_any_of_those_alarms_needs(deployed: Assembly) -> None:
    configuration = web(deployed)["DeploymentConfiguration"]
    for name in configuration["Alarms"]["AlarmNames"]:
        (found,) = (part for part in TOPOLOGY.part_alarms if part.name == name)
        assert configuration["BakeTimeInMinutes"] > found.minutes * found.periods, name


def test_none_of_those_alarms_is_up_before_there_is_a_web(deployed: Assembly) -> None:
    for name in web(deployed)["DeploymentConfiguration"]["Alarms"]["AlarmNames"]:
        assert alarm(deployed, name)[1]["TreatMissingData"] == "notBreaching", name


# What is seen of it, whichever group serves


@pytest.mark.parametrize("name", ["NetWORX-UnhealthyHosts", "NetWORX-NoHealthyHost"])
def test_an_alarm_on_tasks_sees_every_group_and_minds_no_empty_one(deployed: Assembly, name: str) -> None:
    stack, properties = alarm(deployed, name)
    seen = queries(properties)
    groups = [
        place_of(deployed, stack, dimension["Value"])
        for metric in seen.values()
        for dimension in metric["Dimensions"]
        if dimension["Name"] == "TargetGroup"
    ]
    assert sorted(groups) == sorted(target_groups(deployed))
    (formula,) = (query["Expression"] for query in properties["Metrics"] if query["ReturnData"])
    # Over a list, what says nothing is left out; a sum by + would say nothing itself.
    assert formula == f"MAX([{', '.join(seen)}])"


@pytest.mark.parametrize("name", ["NetWORX-WebServerErrors", "NetWORX-LoadBalancerErrors"])
def test_an_alarm_on_errors_adds_up_all_that_stands_behind_the_balancer(deployed: Assembly, name: str) -> None:
    stack, properties = alarm(deployed, name)
    (dimension,) = properties["Dimensions"]
    assert dimension["Name"] == "LoadBalancer"
    place = place_of(deployed, stack, dimension["Value"])
    assert resource_at(deployed, place)["Type"] == "AWS::ElasticLoadBalancingV2::LoadBalancer"


def test_the_web_scales_on_requests_per_task_whichever_group_serves(deployed: Assembly) -> None:
    template = deployed[COMPUTE]
    ((target_id, target),) = (
        (target_id, found["Properties"])
        for target_id, found in template.of_type("AWS::ApplicationAutoScaling::ScalableTarget").items()
        if "WebService" in json.dumps(found["Properties"]["ResourceId"])
    )
    size = SIZES[deployed.stage].web
    assert (target["MinCapacity"], target["MaxCapacity"]) == (size.min, size.max)
    tracked = [
        policy["TargetTrackingScalingPolicyConfiguration"]
        for policy in template.properties("AWS::ApplicationAutoScaling::ScalingPolicy")
        if policy["ScalingTargetId"]["Ref"] == target_id
    ]
    by_requests, by_cpu = sorted(tracked, key=lambda one: "PredefinedMetricSpecification" in one)
    assert by_cpu["PredefinedMetricSpecification"]["PredefinedMetricType"] == "ECSServiceAverageCPUUtilization"
    measured = {
        metric["Id"]: metric["MetricStat"]["Metric"]
        for metric in by_requests["CustomizedMetricSpecification"]["Metrics"]
        if "MetricStat" in metric
    }
    assert measured["requests"]["MetricName"] == "RequestCount"
    assert [said["Name"] for said in measured["requests"]["Dimensions"]] == ["LoadBalancer"]
    assert measured["running"]["MetricName"] == "RunningTaskCount"
