"""How long to go on: one measure for `make test`, as many more as `make fuzz` asks for."""

import os

from hypothesis import HealthCheck, settings

#: About what all fuzzers take in `make test`, on one core.
ONE_MEASURE = 60
MEASURES = max(1, int(os.environ.get("FUZZ_SECONDS", "0")) // ONE_MEASURE)


def examples(count: int) -> settings:
    """Try ``count`` examples in `make test`, and more by hand."""
    return settings(
        max_examples=count * MEASURES,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.filter_too_much,
            HealthCheck.function_scoped_fixture,
        ],
    )
