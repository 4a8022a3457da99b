"""What the clocks of a job mean, in a few words each."""

CLOCKS = {
    "cancel_poll": "how often a worker asks whether its jobs are still its own",
    "progress": "how often progress is published to Valkey",
    "receive_wait": "how long a worker waits for a message",
    "record_progress": "how often progress is written to the record",
    "heartbeat": "how often a running job's lease is extended",
    "self_fence": "without a heartbeat that long a worker stops its own job",
    "lease": "without a heartbeat that long another worker may take the job over",
    "stale_after": "without a heartbeat that long the monitor puts the job back",
    "lost_hint_after": "a queued job whose message was sent that long ago gets a new one",
    "drain": "how long a stopping worker lets its jobs go on before it hands them back",
    "stop_timeout": "when the cloud kills a stopping task",
}
