"""The same topology on one machine: PostgreSQL, Valkey and an AWS emulator as child processes, with web and workers.

home.py         the folder a platform keeps its data in, its lock and its secrets
processes.py    child processes that cannot outlive their supervisor
supervisor.py   starts, awaits, watches, restarts and stops programs
postgres.py  valkey.py  aws.py        one launcher a server
resources.py  bundle.py               queues, buckets, secrets, functions and rules in the emulator
services.py     web and workers       environment.py   what they are told
record.py       the database of a first start: roles, migrations, the laptop's tenant and key
platform.py     all of it, in order: `with running() as platform`
"""
