"""Holds a gateway against docs/protocol.md, from which alone it was written; `websockets` and nothing of ours.

    python protocol.py STEER...    where STEER starts test/builders/serve-process.ts

Prints `ok NAME` or `not ok NAME: WHY` for each scenario.
"""

import asyncio
import traceback

from deltas import DELTA_SCENARIOS, STALLED_SCENARIOS
from peer import DEADLINE, Gateway
from streaming import LIMITS, SCENARIOS
from timing import STANDING, TIMED_SCENARIOS
from tokens import TOKEN_SCENARIOS, TOKENS


async def run(gateway, function):
    name = function.__name__
    try:
        await asyncio.wait_for(function(gateway), 2 * DEADLINE)
        print(f"ok {name}", flush=True)
    except Exception as error:  # each scenario is reported, whatever ends it
        where = traceback.extract_tb(error.__traceback__)[-1]
        print(f"not ok {name}: {error!r} at {where.name}:{where.lineno}", flush=True)


async def main():
    for scenarios, over in (
        (SCENARIOS, LIMITS),
        (DELTA_SCENARIOS, {**LIMITS, "connections": 100}),
        ([*TIMED_SCENARIOS, *STALLED_SCENARIOS], STANDING),
        (TOKEN_SCENARIOS, TOKENS),
    ):
        gateway = await Gateway.start(**over)
        await gateway.tell("step 20")
        for function in scenarios:
            await run(gateway, function)
        await gateway.stop()


if __name__ == "__main__":
    asyncio.run(main())
