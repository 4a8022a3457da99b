"""The load balancer: TLS only, and nobody inside who has not shown a key, a token, or who they are.

A request with an API key or a bearer token goes on to the application, which judges it; the live endpoint is open;
everything else signs in through the stage's OpenID Connect issuer, or hears 401 where the stage has none. Each of
these ways in has a rule and two groups of tasks of its own: a deploy moves the rule from one group to the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_route53 as dns
from aws_cdk import aws_route53_targets as dns_targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from networx.topology import TOPOLOGY
from stacks.components.acknowledge import acknowledge
from stacks.stages import Oidc, Stage

LIVE = "/api/health/live"
_LAST = 1000
_NOBODY = {"success": False, "error": "Sign in, or send an API key as X-API-Key.", "code": "UNAUTHENTICATED"}


# The load balancer tells these for each group alone; all others it also adds up over everything behind it.
_TOLD_BY_GROUP = frozenset({"HealthyHostCount", "UnHealthyHostCount"})


@dataclass(frozen=True)
class Way:
    """One way in: its rule, and the groups it leads to. One of the two is empty except while a deploy runs."""

    name: str
    rule: elb.ApplicationListenerRule
    blue: elb.ApplicationTargetGroup
    green: elb.ApplicationTargetGroup


class FrontDoor(Construct):
    """`load_balancer`, its `https` listener and the `ways` in, whose groups the web service registers with."""

    def __init__(
        self, scope: Construct, id: str, *, stage: Stage, vpc: ec2.IVpc, access_logs: s3.IBucket, port: int
    ) -> None:
        super().__init__(scope, id)
        self.load_balancer = elb.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=vpc,
            internet_facing=True,
            deletion_protection=stage.retain,
            drop_invalid_header_fields=True,
            idle_timeout=cdk.Duration.seconds(int(TOPOLOGY.web.load_balancer_idle.total_seconds())),
        )
        acknowledge(
            self.load_balancer.node.find_child("SecurityGroup"),
            "AwsSolutions::AwsSolutions-EC23",
            "The front door of a public service: the firewall stands before it, and port 80 only redirects.",
        )
        self.load_balancer.log_access_logs(access_logs, prefix="load-balancer")
        self.load_balancer.add_redirect(source_port=80, target_port=443)
        zone = dns.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=stage.hosted_zone_id, zone_name=stage.domain
        )
        dns.ARecord(
            self,
            "Name",
            zone=zone,
            target=dns.RecordTarget.from_alias(dns_targets.LoadBalancerTarget(self.load_balancer)),
        )
        self.https = self.load_balancer.add_listener(
            "Https",
            port=443,
            certificates=[_certificate(self, stage, zone)],
            ssl_policy=elb.SslPolicy.TLS13_RES,
            default_action=_refuse(),
        )
        self._vpc, self._port = vpc, port
        self.ways = [
            self._way(name, priority * 10, condition, None)
            for priority, (name, condition) in enumerate(_admitted().items(), start=1)
        ]
        if stage.oidc is not None:
            everything = elb.ListenerCondition.path_patterns(["*"])
            self.ways.append(self._way("SignIn", _LAST, everything, stage.oidc))

    def told(self, stage: Stage) -> dict[str, str]:
        """What the web is told, so that it believes this balancer's word on who signed in, and no other's."""
        if stage.oidc is None:
            return {}
        return {
            "NETWORX_OIDC_ISSUER": stage.oidc.issuer,
            "NETWORX_OIDC_CLIENT": stage.oidc.client_id,
            "NETWORX_OIDC_SIGNER": self.load_balancer.load_balancer_arn,
            "NETWORX_OIDC_KEYS": f"https://public-keys.auth.elb.{stage.region}.amazonaws.com",
        }

    def metric(
        self, name: str, *, statistic: str, period: cdk.Duration, label: str | None = None
    ) -> cloudwatch.IMetric:
        """A metric of what stands behind the balancer, whichever of the groups serves: an empty one says nothing.

        Counts of tasks are those of the group that has most: every group of a colour has the same tasks.
        """
        if name not in _TOLD_BY_GROUP:
            return self.load_balancer.metrics.custom(name, statistic=statistic, period=period, label=label)
        groups = {
            f"{name[0].lower()}{name[1:]}{way.name}{colour}": group
            for way in self.ways
            for colour, group in (("Blue", way.blue), ("Green", way.green))
        }
        return cloudwatch.MathExpression(
            expression=f"MAX([{', '.join(groups)}])",
            using_metrics={
                query: group.metrics.custom(name, statistic=statistic, period=period) for query, group in groups.items()
            },
            period=period,
            label=label or name,
        )

    def _way(self, name: str, priority: int, condition: elb.ListenerCondition, oidc: Oidc | None) -> Way:
        blue, green = (self._group(f"{name}{colour}") for colour in ("Blue", "Green"))
        # Both stand in the rule from the start: the container service refuses to move a rule to a group it lacks.
        forward = elb.ListenerAction.weighted_forward(
            [
                elb.WeightedTargetGroup(target_group=blue, weight=100),
                elb.WeightedTargetGroup(target_group=green, weight=0),
            ]
        )
        rule = elb.ApplicationListenerRule(
            self,
            name,
            listener=self.https,
            priority=priority,
            conditions=[condition],
            action=forward if oidc is None else _sign_in(oidc, forward),
        )
        return Way(name, rule, blue, green)

    def _group(self, id: str) -> elb.ApplicationTargetGroup:
        return elb.ApplicationTargetGroup(
            self,
            id,
            vpc=self._vpc,
            port=self._port,
            protocol=elb.ApplicationProtocol.HTTP,
            target_type=elb.TargetType.IP,
            load_balancing_algorithm_type=elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            deregistration_delay=cdk.Duration.seconds(30),
            health_check=elb.HealthCheck(
                path=LIVE,
                interval=cdk.Duration.seconds(10),
                timeout=cdk.Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )


def _admitted() -> dict[str, elb.ListenerCondition]:
    # ALB compares header values without regard to case.
    return {
        "ApiKey": elb.ListenerCondition.http_header("X-API-Key", ["?*"]),
        "Bearer": elb.ListenerCondition.http_header("Authorization", ["Bearer ?*"]),
        "Live": elb.ListenerCondition.path_patterns([LIVE]),
    }


def _certificate(scope: Construct, stage: Stage, zone: dns.IHostedZone) -> acm.ICertificate:
    if stage.certificate_arn is not None:
        return acm.Certificate.from_certificate_arn(scope, "Certificate", stage.certificate_arn)
    return acm.Certificate(
        scope, "Certificate", domain_name=stage.domain, validation=acm.CertificateValidation.from_dns(zone)
    )


def _sign_in(oidc: Oidc, next_action: elb.ListenerAction) -> elb.ListenerAction:
    return elb.ListenerAction.authenticate_oidc(
        issuer=oidc.issuer,
        authorization_endpoint=oidc.authorization_endpoint,
        token_endpoint=oidc.token_endpoint,
        user_info_endpoint=oidc.user_info_endpoint,
        client_id=oidc.client_id,
        client_secret=cdk.SecretValue.secrets_manager(oidc.client_secret_arn),
        scope="openid email profile",
        session_timeout=cdk.Duration.hours(12),
        on_unauthenticated_request=elb.UnauthenticatedAction.AUTHENTICATE,
        next=next_action,
    )


def _refuse() -> elb.ListenerAction:
    return elb.ListenerAction.fixed_response(401, content_type="application/json", message_body=json.dumps(_NOBODY))
