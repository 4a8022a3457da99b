"""Load on a platform through its API, as many clients at once would make it, and what became of it.

mix.py        which operations, in which proportion
material.py   what is uploaded and solved
driver.py     the clients: asyncio over httpx
figures.py    samples, and the figures that a load test is judged by
"""
