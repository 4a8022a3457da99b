"""The cloud as stacks: wiring only. Names, numbers and clocks come from the topology and from the stage."""
