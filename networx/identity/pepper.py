"""The secret that stored keys are computed under: of the installation, in Secrets Manager and never in the record."""

from __future__ import annotations

from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from networx import settings
from networx.errors import ConfigurationError, SecretsUnavailable
from networx.resilience import aws

# Enough that nobody finds it by trying; the stacks and the laptop make longer ones.
_SHORTEST = 32
_WRONG = frozenset({"ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException"})


@cache
def pepper() -> bytes:
    """The pepper, asked for once a process: it never changes, for every key would end with it.

    Raises ConfigurationError where it is not named, not there or too short, and SecretsUnavailable.
    """
    name = settings.current().key_pepper_secret
    if name is None:
        raise ConfigurationError(
            what="NETWORX_KEY_PEPPER_SECRET is not set: name the secret that keys are stored under"
        )
    try:
        value = aws.secret(name).get("pepper", "")
    except ClientError as fault:
        code = fault.response.get("Error", {}).get("Code", "unknown")
        if code in _WRONG:
            raise ConfigurationError(what=f"The secret {name} cannot be read ({code})") from fault
        raise SecretsUnavailable from fault
    except BotoCoreError as fault:
        raise SecretsUnavailable from fault
    if len(value) < _SHORTEST:
        raise ConfigurationError(what=f"The secret {name} has no pepper of {_SHORTEST} characters or more")
    return value.encode()
