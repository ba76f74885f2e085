"""The compiled cellar: loops over paths and days, on plain arrays and nothing else."""
