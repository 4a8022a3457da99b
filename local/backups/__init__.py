"""Backups of a platform: taken while it runs, checked to the last byte, put back into a home of their own.

manifest.py    what a backup says of itself, and the check that refuses one that is incomplete or was changed
record.py      the record at one instant: dumped, summed table by table, brought back
store.py       every version of every object of the buckets, each kept under its SHA-256
take.py        `take`: all of it from a platform that runs
put_back.py    `put_back`: all of it into a home, beside what stood there
"""
