"""The command `networx`: one module a command, over the local platform and the API it serves."""
