"""Certificates: answers checked against the client's data by code that shares nothing with the models or the solver."""
