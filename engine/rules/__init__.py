"""National rules of retirement, one a file, as pure functions: dates in, dates and verdicts out.

Nothing here reads a clock, a table or a setting. Each function names its law; what begins on a day
says so (``EFFECTIVE``). A result is advice: a person decides (``advice``).
"""
