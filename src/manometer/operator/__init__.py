"""One operator as a file, and the ledger from which every figure of it is derived."""

from .operator import Operator
from .reader import check_operator, parse_operator, read_operator

__all__ = ["Operator", "check_operator", "parse_operator", "read_operator"]
