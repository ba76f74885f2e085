"""Drivers of an operator's fortunes: constant, a user's table, or history again. A path is arrays by day."""

from .path import DriverPath, constant_path, cut, read_path_table, replay_path, shocked

__all__ = ["DriverPath", "constant_path", "cut", "read_path_table", "replay_path", "shocked"]
