"""Is every protection of a running platform really there? Each is exercised, not read from a setting; nothing is left.

A check tells what it saw, or raises what it missed. `catalogue` lists them; `networx doctor` runs and prints them.
"""
