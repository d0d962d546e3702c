"""What somebody hostile, or broken, may send us; made up by Hypothesis.

In `make test` for about a minute; `make fuzz SECONDS=3600` goes on for an hour.
"""
