"""The scorecard of truth: ours beside what others published or what happened, with the error.

Run it with ``python -m tools.score``. Published values are single facts under ``tests/published``; rows that
need data that may not be shipped say so. `required.txt` names the rows without which a scorecard fails.
"""
