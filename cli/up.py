"""`networx up`: the platform alone, until Ctrl-C."""

from __future__ import annotations

from contextlib import suppress

from cli.attached import platform
from cli.terminal import CommandFailed, out, wait_for_the_end


def up() -> None:
    """Start the platform and keep it running until Ctrl-C."""
    # Being told to stop is how it ends; `networx down` may say so as soon as the platform can be found.
    with suppress(KeyboardInterrupt), platform() as attached:
        if not attached.ours:
            raise CommandFailed(f"The platform runs already: {attached.url}. Stop it with `networx down`.")
        out.print(f"NetWORX is up: {attached.url}")
        out.print(
            f"API key: {attached.home.dev_key_file}   logs: {attached.home.logs}   Ctrl-C stops it", soft_wrap=True
        )
        wait_for_the_end()
