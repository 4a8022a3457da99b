"""The web application firewall before the load balancer: managed rules, a ceiling per address, and its log."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from stacks.components.logs import retention_of
from stacks.stages import Stage

_Acl = waf.CfnWebACL
# Beyond every limit of the application, which answers politely; this one is for floods.
_REQUESTS_PER_ADDRESS_IN_5_MINUTES = 10_000


class Firewall(Construct):
    """Guards the load balancer of this ARN."""

    def __init__(self, scope: Construct, id: str, *, stage: Stage, load_balancer_arn: str) -> None:
        super().__init__(scope, id)
        acl = _Acl(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=_Acl.DefaultActionProperty(allow=_Acl.AllowActionProperty()),
            visibility_config=_visible("Firewall"),
            rules=[
                _flood(priority=0),
                # Bodies over 8 KB are our daily business; the application limits them.
                _managed("AWSManagedRulesCommonRuleSet", priority=1, counted=("SizeRestrictions_BODY",)),
                _managed("AWSManagedRulesKnownBadInputsRuleSet", priority=2),
            ],
        )
        waf.CfnWebACLAssociation(self, "Association", web_acl_arn=acl.attr_arn, resource_arn=load_balancer_arn)
        log_group = logs.LogGroup(
            self,
            "Logs",
            # The service delivers to groups of this prefix only.
            log_group_name=f"aws-waf-logs-networx-{stage.name}",
            retention=retention_of(stage.log_days),
            removal_policy=stage.removal_policy,
        )
        where = cdk.Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=log_group.log_group_name,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        logging = waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[where],
            redacted_fields=[
                {"singleHeader": {"Name": "authorization"}},
                {"singleHeader": {"Name": "x-api-key"}},
                {"singleHeader": {"Name": "cookie"}},
            ],
        )
        logging.node.add_dependency(log_group)


def _managed(name: str, *, priority: int, counted: tuple[str, ...] = ()) -> waf.CfnWebACL.RuleProperty:
    return _Acl.RuleProperty(
        name=name,
        priority=priority,
        override_action=_Acl.OverrideActionProperty(none={}),
        statement=_Acl.StatementProperty(
            managed_rule_group_statement=_Acl.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    _Acl.RuleActionOverrideProperty(
                        name=rule, action_to_use=_Acl.RuleActionProperty(count=_Acl.CountActionProperty())
                    )
                    for rule in counted
                ]
                or None,
            )
        ),
        visibility_config=_visible(name),
    )


def _flood(*, priority: int) -> waf.CfnWebACL.RuleProperty:
    return _Acl.RuleProperty(
        name="Flood",
        priority=priority,
        action=_Acl.RuleActionProperty(
            block=_Acl.BlockActionProperty(custom_response=_Acl.CustomResponseProperty(response_code=429))
        ),
        statement=_Acl.StatementProperty(
            rate_based_statement=_Acl.RateBasedStatementProperty(
                aggregate_key_type="IP",
                limit=_REQUESTS_PER_ADDRESS_IN_5_MINUTES,
                evaluation_window_sec=300,
            )
        ),
        visibility_config=_visible("Flood"),
    )


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return _Acl.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
