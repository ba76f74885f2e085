"""One operator: the ledger from which every figure of it is derived."""
