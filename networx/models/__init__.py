"""Optimisation models, one package a problem: from a client's tables to a plan. They share only the solver."""
