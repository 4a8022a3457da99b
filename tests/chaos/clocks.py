"""Every clock of a job, made short: seconds where the cloud has minutes, in the same order."""

import os

# `make chaos` says how large its storm is, and judges by the clock too: nothing else keeps the machine busy then.
BY_THE_CLOCK = "CHAOS_JOBS" in os.environ

# So long a message stays hidden after its receipt, until its receiver says otherwise: past a lease, as in the cloud.
VISIBILITY_SECONDS = 4

# So long a worker whose children were lost takes no jobs.
CIRCUIT_SECONDS = 0.5

# The settings NETWORX_..._SECONDS.
CLOCKS = {
    "CANCEL_POLL": 0.1,
    "PROGRESS": 0.25,
    "RECORD_PROGRESS": 0.5,
    "HEARTBEAT": 0.5,
    "RECEIVE_WAIT": 1,
    "SELF_FENCE": 2,
    "DRAIN": 2,
    "LEASE": 3,
    "LOST_HINT_AFTER": 3,
    "STALE_AFTER": 4,
}
