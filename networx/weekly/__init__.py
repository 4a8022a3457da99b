"""How well the platform serves, week by week: the success measures, read from the record alone.

Every figure was measured. Where nothing was recorded it says "not known", and why; nothing is filled in.
"""
