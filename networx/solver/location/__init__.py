"""Where to open and who is served from where: problems with a structure of their own, and the engines made for it."""
