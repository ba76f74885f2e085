"""The network's part of a day on one path, in plain numbers, for the sides that step one path at a time."""

from __future__ import annotations

import math

from .model import BLOCKS, HASHPRICE, SATOSHI, Case

__all__ = ["Network"]


class Network:
    """Price, hashprice, blocks, difficulty and subsidy of one path."""

    def __init__(self, case: Case) -> None:
        halvings = case.height // 210_000
        self.case = case
        self.level, self.difficulty, self.height = case.level, case.difficulty, case.height
        self.epoch, self.spent = case.height % 2016, case.epoch_s
        self.subsidy, self.halving = 50.0 * 0.5**halvings, (halvings + 1) * 210_000.0
        self.order = self.close = self.value = self.fees = 0.0

    def open(self, price: float, fees: float) -> None:
        """Take the day's price and fees: price after impact, hashprice."""
        c = self.case
        self.close = price * (1.0 - min(c.root * math.sqrt(self.order), 0.95))
        reward = (self.subsidy + fees) / self.difficulty
        self.level += c.weight * (self.close * reward * HASHPRICE - self.level)
        self.value, self.fees = reward * SATOSHI, fees

    def find(self, hashrate: float) -> None:
        """Find the day's blocks."""
        rate, need, before = hashrate * BLOCKS / self.difficulty, 2016.0 - self.epoch, self.subsidy
        if rate >= need:
            part = need / rate
            seen = (self.spent + part * 86_400.0) * (2015.0 / 2016.0)
            ratio = min(max(1_209_600.0 / max(seen, 1.0), 0.25), 4.0)
            new = max(self.difficulty * ratio, 1.0)
            rest = rate * self.difficulty / new * (1.0 - part)
            self.difficulty, self.epoch, self.spent = new, rest, (1.0 - part) * 86_400.0
            found = need + rest
        else:
            self.epoch += rate
            self.spent += 86_400.0
            found = rate
        if self.height + found > self.halving:
            early = (self.halving - self.height) / found
            mean = before * early + 0.5 * before * (1.0 - early)
            self.value *= (mean + self.fees) / (before + self.fees)
            self.subsidy *= 0.5
            self.halving += 210_000.0
        self.height += found

    def end(self, sold: float) -> None:
        """Put what was sold into the order that tomorrow's price meets."""
        self.order = max(self.order * self.case.stays + sold, 0.0)
