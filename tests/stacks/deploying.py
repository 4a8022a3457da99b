"""The real command line against the emulator: what of an assembly it can make, and the commands themselves.

An assembly is copied and cut: what the emulator lacks goes, everything that referred to it says so in words. It proves
the wiring (references, order, assets, exports, updates), not AWS's own validation.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import aws
from local.home import CHECKOUT
from stacks.packaging import copy_sources
from tests.stacks.references import listed
from tests.stacks.synthesis import NODE, Assembly, Resource

# What the pinned emulator does not make. A test fails when it learns one of these, which then goes from here.
UNKNOWN = frozenset(
    {
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "AWS::Backup::BackupSelection",
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::NatGateway",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "AWS::RDS::DBProxy",
        "AWS::RDS::DBProxyTargetGroup",
        "AWS::SecretsManager::ResourcePolicy",
        "AWS::SecretsManager::RotationSchedule",
        "AWS::WAFv2::LoggingConfiguration",
        "AWS::WAFv2::WebACLAssociation",
    }
)
# What it makes, and cannot finish on this machine: a name in a zone of the account, and custom resources, of which the
# first runs a container and the second the CDK's function for Node.
UNFINISHED = frozenset({"AWS::Route53::RecordSet", "Custom::Migrations", "Custom::VpcRestrictDefaultSG"})
CUT = UNKNOWN | UNFINISHED
# What it makes, but not with this property. As above, a test fails when it learns it.
REFUSED = {"AWS::CloudWatch::Alarm": "Metrics"}
CDK = CHECKOUT / "node_modules" / "aws-cdk" / "bin" / "cdk"
_COMMAND_SECONDS = 240


def can_be_made(resource: Resource) -> bool:
    """Whether the emulator makes this resource of a template."""
    kind = resource["Type"]
    return kind not in CUT and REFUSED.get(kind) not in resource.get("Properties", {})


def cut(template: dict[str, Any]) -> dict[str, Any]:
    """The template without what the emulator cannot make: what depended on that no longer does."""
    gone = {name for name, resource in template["Resources"].items() if not can_be_made(resource)}
    kept = {name: resource for name, resource in template["Resources"].items() if name not in gone}
    for resource in kept.values():
        if "DependsOn" in resource:
            resource["DependsOn"] = [name for name in listed(resource["DependsOn"]) if name not in gone]
    reworded: dict[str, Any] = _reworded({**template, "Resources": kept}, gone)
    return reworded


def _reworded(value: Any, gone: set[str]) -> Any:
    if isinstance(value, list):
        return [_reworded(part, gone) for part in value]
    if not isinstance(value, dict):
        return value
    named = value.get("Ref") or (value.get("Fn::GetAtt") or [None])[0]
    if len(value) == 1 and named in gone:
        return f"cut-{named}"
    return {key: _reworded(part, gone) for key, part in value.items()}


def cut_for_emulator(assembly: Assembly, folder: Path, told: Mapping[str, str], untold: frozenset[str]) -> Path:
    """A copy of an assembly that the emulator can deploy.

    Functions are told `told` in place of what the stage says, and nothing of `untold`.
    """
    shutil.copytree(assembly.path, folder, ignore=shutil.ignore_patterns("asset.*"))
    copy_sources(folder / "functions")
    for path in sorted(folder.glob("*.assets.json")):
        assets = json.loads(path.read_text())
        # Images would be built here. The emulator runs functions with this Python, which has their libraries.
        assets.pop("dockerImages", None)
        for asset in assets.get("files", {}).values():
            if asset["source"]["path"] == str(CHECKOUT):
                asset["source"]["path"] = "functions"
        path.write_text(json.dumps(assets))
    for name in assembly.templates:
        path = folder / f"{name}.template.json"
        template = cut(json.loads(path.read_text()))
        for function in template["Resources"].values():
            if function["Type"] == "AWS::Lambda::Function":
                said = function["Properties"].get("Environment", {}).get("Variables", {})
                kept = {key: value for key, value in said.items() if key not in untold}
                function["Properties"]["Environment"] = {"Variables": {**kept, **told}}
        rewrite(folder, name, template)
    return folder


def rewrite(folder: Path, stack: str, template: dict[str, Any]) -> None:
    """Another template for a stack of an assembly, under its own hash, as the command line uploads it once a hash."""
    path = folder / f"{stack}.template.json"
    assets = json.loads((folder / f"{stack}.assets.json").read_text())["files"]
    (before,) = (name for name, asset in assets.items() if asset["source"]["path"] == path.name)
    path.write_text(json.dumps(template))
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    for described in (folder / f"{stack}.assets.json", folder / "manifest.json"):
        described.write_text(described.read_text().replace(before, after))


@dataclass(frozen=True)
class CommandLine:
    """The pinned `cdk` on one assembly, speaking to the emulator on a port."""

    folder: Path
    home: Path
    port: int

    def bootstrap(self, account: str) -> str:
        return self._run("bootstrap", f"aws://{account}/{aws.REGION}")

    def deploy(self) -> str:
        return self._run("deploy", "--all", "--require-approval", "never", "--concurrency", "4")

    def destroy(self) -> str:
        return self._run("destroy", "--all", "--force")

    def _run(self, *words: str) -> str:
        command = [str(NODE), str(CDK), "--app", str(self.folder)]
        done = subprocess.run(
            [*command, "--no-notices", "--ci", "--progress", "events", *words],
            cwd=self.home,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_SECONDS,
        )
        assert done.returncode == 0, f"cdk {' '.join(words)} failed:\n{done.stdout}"
        return done.stdout

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "AWS_ENDPOINT_URL": aws.endpoint(self.port),
            "AWS_REGION": aws.REGION,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            **aws.CREDENTIALS,
        }
