"""Durations in logarithmic buckets: small, additive, and good enough for medians and 90th percentiles.

A duration of ``x`` seconds falls into bucket ``ceil(log(x) / log(GAMMA))``, so bucket ``i`` holds what is above
``GAMMA ** (i - 1)`` and at most ``GAMMA ** i``; what is at most one second is in bucket 0. A percentile is by nearest
rank: the value that at least that share of the durations does not exceed. It is told as the middle of its bucket,
which is at most ``ERROR`` (4.8%) away from the exact one; under a second, at most half a second. Counts, sums and so
means are exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

GAMMA = 1.1
ERROR = (GAMMA - 1) / (GAMMA + 1)
_LOG = math.log(GAMMA)


@dataclass(frozen=True)
class Spread:
    """How long something took: ``count`` durations, in seconds. Without any, the rest is None."""

    count: int = 0
    mean: float | None = None
    median: float | None = None
    p90: float | None = None


def bucket_of(milliseconds: int) -> int:
    """Return the bucket of a duration."""
    seconds = milliseconds / 1000
    # A hair less, so that GAMMA ** i itself is not lifted over its own edge by rounding.
    return 0 if seconds <= 1 else math.ceil(math.log(seconds) / _LOG - 1e-9)


def middle_of(bucket: int) -> float:
    """Return the seconds by which a bucket is told: the same relative error towards both of its edges."""
    return 0.5 if bucket == 0 else 2 * GAMMA**bucket / (GAMMA + 1)


def spread(count: int, milliseconds: int, buckets: Mapping[int, int]) -> Spread:
    """Return mean, median and 90th percentile of ``count`` durations that sum up to ``milliseconds``."""
    if not count:
        return Spread()
    return Spread(
        count=count,
        mean=milliseconds / count / 1000,
        median=percentile(buckets, 0.5),
        p90=percentile(buckets, 0.9),
    )


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the duration in seconds that ``share`` of all do not exceed; None when there is none."""
    wanted = math.ceil(share * sum(buckets.values()))
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted and seen:
            return middle_of(bucket)
    return None
