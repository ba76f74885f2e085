"""An operator carried along a path, day by day, through its ledger."""
