"""What the stacks repeat: one small construct a module."""
