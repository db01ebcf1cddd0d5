"""Everything that Parley is made of is killed while people use it, and no promise is broken.

The short run of the harness (README.md); `make chaos` is the long one. The bounds on time are for a machine that
is busy with other tests: far below the heartbeat that would mend a client by itself, far above what a quiet one needs.
"""

import random
import secrets

from django.conf import settings

from .mayhem import Mayhem
from .verdict import judge

_LATE = 12
_PATIENCE = 60


async def talk_while(new_stage, dice, kill):
    stage = await new_stage(dice.randrange(10**6))
    await stage.welcome(visitors=3, desks=1, agents=1, robots=2, pace=1)
    await kill(Mayhem(stage, dice, calm=1))
    await stage.hush(_PATIENCE)
    verdict = judge(stage)
    print(verdict.figures)
    assert verdict.faults == [], stage.house.logs()
    assert verdict.figures["worst wait, seconds"] < _LATE, verdict.figures
    # Without these the run would prove nothing.
    assert verdict.figures["acknowledged"] > 15
    assert verdict.figures["webhooks, events"] > 15
    return verdict


if settings.EMBEDDED:

    async def test_a_process_killed_under_load_loses_and_doubles_nothing(new_stage):
        seed = secrets.randbelow(10**6)
        print("seed", seed)
        await talk_while(new_stage, random.Random(seed), lambda mayhem: mayhem.rage(3, wires=0.5))

else:

    async def test_whatever_is_killed_under_load_nothing_is_lost_and_nothing_doubled(new_stage):
        seed = secrets.randbelow(10**6)
        print("seed", seed)

        async def kill(mayhem):
            # Those that take long to start again die together: their starts overlap.
            names = ["relay", "bots", "worker", "beat", "replies"]
            mayhem.dice.shuffle(names)
            await mayhem.kill("redis", names[0])
            await mayhem.kill("web.1", "postgres", names[1])
            await mayhem.kill("rabbit", *names[2:])

        verdict = await talk_while(new_stage, random.Random(seed), kill)
        assert verdict.figures["bot, heard"] > 4
        assert verdict.figures["bot, answers"] > 0
