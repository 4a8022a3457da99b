"""The one place that speaks to the solver: linear models in, solutions out, with limits, progress and cancel."""
