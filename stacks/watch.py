"""What is seen: who hears alerts, every alarm of the topology, and the five dashboards."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from networx.blueprint import Function, Part, PartAlarm
from networx.topology import TOPOLOGY
from stacks.components.dashboards import Dashboards
from stacks.components.names import construct_id
from stacks.components.part_alarms import AwsAlarm, TopologyAlarm, watched, watched_function
from stacks.components.stack import StageStack
from stacks.compute import ROLLBACK_ALARMS, ComputeStack
from stacks.data import DataStack
from stacks.queues import QueuesStack
from stacks.stages import Alerts, Stage

_CHORES = frozenset(function.name for function in TOPOLOGY.functions if function.chore)


class WatchStack(StageStack):
    """`alarms` by name. Slack's notifier stands with the functions, the topics with what they are about."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        stage: Stage,
        env: cdk.Environment,
        compute: ComputeStack,
        data: DataStack,
        queues: QueuesStack,
    ) -> None:
        super().__init__(scope, id, stage=stage, env=env, description="NetWORX: alarms and dashboards")
        self._compute, self._data, self._queues = compute, data, queues
        self.topics: dict[str, sns.Topic] = compute.alerts.topics
        self._subscribe(stage.alerts)
        for alarm in TOPOLOGY.alarms:
            TopologyAlarm(self, alarm, topic=compute.alerts.topic_of(pages=alarm.pages))
        for part_alarm in TOPOLOGY.part_alarms:
            if part_alarm.name not in ROLLBACK_ALARMS:
                self._watch_parts(part_alarm)
        Dashboards(self, "Dashboards", stage=stage, compute=compute, data=data, queues=queues)

    def _watch_parts(self, alarm: PartAlarm) -> None:
        for of, metric, own_threshold in self._parts(alarm):
            topic = self._compute.alerts.topic_of(pages=alarm.pages and of not in _CHORES)
            threshold = own_threshold if alarm.threshold is None else alarm.threshold
            AwsAlarm(self, alarm, metric=metric, threshold=threshold, topic=topic, of=of)

    def _parts(self, alarm: PartAlarm) -> list[tuple[str | None, cloudwatch.IMetric, float]]:
        """Each part of the alarm's kind: its name, the metric, and the threshold that is the part's own."""
        seen, name = watched(alarm), alarm.metric
        queues, door = self._queues, self._compute.front_door
        match alarm.part:
            case Part.QUEUE:
                return [(q.name, queues.queues[q.name].metric(name, **seen), q.depth_warning) for q in TOPOLOGY.queues]
            case Part.DEAD_LETTERS:
                return [
                    (q.dead_letter_name, queues.dead_letters[q.name].metric(name, **seen), 0) for q in TOPOLOGY.queues
                ]
            case Part.FUNCTION:
                return [self._function(alarm, of) for of in TOPOLOGY.functions if of.name in self._compute.functions]
            case Part.SCHEDULE:
                return [self._function(alarm, of) for of in TOPOLOGY.functions if of.schedule is not None]
            case Part.WEB | Part.WEB_HOSTS:
                return [(None, door.metric(name, **seen), 0)]
            case Part.DATABASE:
                return [(None, self._data.database.metric(name, **seen), 0)]

    def _function(self, alarm: PartAlarm, function: Function) -> tuple[str, cloudwatch.IMetric, float]:
        made = self._compute.functions[function.name]
        return function.name, made.metric(alarm.metric, **watched_function(alarm, function)), 0

    def _subscribe(self, alerts: Alerts) -> None:
        slack = next(function for function in TOPOLOGY.functions if function.topic is not None)
        for topic, names in who_hears(alerts).items():
            if "email" in names and alerts.email is not None:
                self._listen(f"Email{construct_id(topic)}", topic, subscriptions.EmailSubscription(alerts.email))
            if "pagerduty" in names and alerts.pagerduty_url is not None:
                on_call = subscriptions.UrlSubscription(alerts.pagerduty_url)
                self._listen(f"PagerDuty{construct_id(topic)}", topic, on_call)
            # The notifier's own topic feeds it by the topology.
            if "slack" in names and topic != slack.topic:
                notifier = self._compute.functions[slack.name]
                self.topics[topic].add_subscription(subscriptions.LambdaSubscription(notifier))

    def _listen(self, id: str, topic: str, subscription: sns.ITopicSubscription) -> None:
        bound = subscription.bind(self.topics[topic])
        sns.Subscription(self, id, topic=self.topics[topic], endpoint=bound.endpoint, protocol=bound.protocol)


def who_hears(alerts: Alerts) -> dict[str, tuple[str, ...]]:
    """Topic -> who hears it: PagerDuty what is critical, Slack the rest, e-mail both; whoever is alone hears both."""
    said = {"pagerduty": alerts.pagerduty_url, "slack": alerts.slack_secret_arn, "email": alerts.email}
    there = tuple(name for name, target in said.items() if target is not None)
    heard = {
        "critical": tuple(name for name in there if name != "slack"),
        "notice": tuple(name for name in there if name != "pagerduty"),
    }
    return {topic: names or there for topic, names in heard.items()}
