"""Many clients at once, whom nobody kills and nothing spares: the short versions of `python -m tests.chaos.storms`.

The bars on time are for a machine that is busy with other tests.
"""

import secrets

from django.conf import settings

from . import storms

_LATE = 12


async def a_storm(new_stage, storm, webs=1, **numbers):
    seed = secrets.randbelow(10**6)
    print("seed", seed)
    stage = await new_stage(seed, **({} if settings.EMBEDDED else {"webs": webs}))
    outcome = await storm(stage, **numbers)
    print(outcome.figures)
    assert outcome.broken == [], stage.house.logs()
    return outcome.figures


async def test_whose_connections_drop_all_the_time_is_complete_in_the_end(new_stage):
    figures = await a_storm(new_stage, storms.dropping, clients=20, seconds=6, pace=2, lives=(0.5, 3))
    assert figures["acknowledged"] > 20


async def test_who_never_reads_costs_no_memory_and_keeps_nobody_waiting(new_stage):
    # Half a mebibyte for each of them, and three times as much for whatever else takes memory meanwhile.
    bar = 44 * storms.MEBIBYTE
    await a_storm(new_stage, storms.deaf, clients=20, messages=380, words=9500, bar=bar, late=_LATE)


async def test_at_a_restart_everybody_comes_back_at_a_moment_of_their_own(new_stage):
    # Of twenty random moments within ten seconds, the first and the last are never in one half of them.
    await a_storm(new_stage, storms.restart, webs=2, clients=100, spread=5, times=1)
