"""Location without capacities: facility location and p-median, solved exactly by Benders decomposition."""
