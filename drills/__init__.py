"""Rehearsals of what is hoped never to be needed, each on a platform of its own: `make restore-drill`, `make soak`.

platforms.py   a platform in a home of its own, started as a person starts it
accounts.py    what the record must say once every accepted job has ended
restore.py     back up under load, destroy everything, restore, compare, see the jobs end
soak.py        steady load and continuous faults, watched for growth and loss
faults.py      the faults of a soak
answers.py     which answers are right while parts are away
sampling.py    what a platform uses, measured from outside
growth.py      when a series of measurements counts as growth
"""
