"""What an operator does when the needle moves: which coins it sells, which hours it runs."""

from .dispatch import dispatch
from .treasury import POLICIES, TreasuryDay, TreasuryPolicy, policy

__all__ = ["POLICIES", "TreasuryDay", "TreasuryPolicy", "dispatch", "policy"]
