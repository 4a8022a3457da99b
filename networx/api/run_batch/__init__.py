"""What run-batch takes besides one scenario and one model: sweeps, and networks in the body of the request."""
