"""Holds the Python client against a live gateway; steered and reported as protocol.py.

    PYTHONPATH=shared/client/python python client.py STEER...
"""

import asyncio

from foretick import ForecastClient, Refused, to_pandas
from protocol import TOKENS, Gateway, same


async def read(gateway, count, **options):
    """The origins of one symbol, until there are so many, over whatever connections it takes."""
    origins, kinds = [], []
    async with ForecastClient(gateway.url, reconnect_base=0.05, **options) as client:
        async for message in client:
            kinds.append(message["type"])
            forecasts = message.get("forecasts", [])
            origins += [one["origin"] for one in forecasts if one["symbol"] == "sim:ALPHA"]
            if len(origins) >= count:
                return origins, kinds, client


async def every_forecast_once_over_a_restart(gateway):
    reading = asyncio.create_task(read(gateway, 61))
    await asyncio.sleep(0.5)
    await gateway.tell("step 20")
    await asyncio.sleep(0.3)
    await gateway.tell("restart")
    await gateway.tell("step 40")
    origins, kinds, _ = await asyncio.wait_for(reading, 20)
    same(origins, list(range(origins[0], origins[0] + 61)))
    same(kinds.count("snapshot"), 1)
    assert kinds.count("welcome") >= 2


async def goes_on_in_another_client(gateway):
    reading = asyncio.create_task(read(gateway, 6))
    await asyncio.sleep(0.5)
    for _ in range(10):
        await gateway.tell("step 1")
        await asyncio.sleep(0.08)
    origins, _, client = await asyncio.wait_for(reading, 20)
    # The last message was not consumed: its position is that before it.
    more, kinds, _ = await asyncio.wait_for(read(gateway, 1, position=client.position), 20)
    same(more[0], origins[-1])
    assert "snapshot" not in kinds


async def a_table_has_a_row_per_symbol_and_horizon(gateway):
    async with ForecastClient(gateway.url) as client:
        async for message in client:
            if message["type"] == "snapshot":
                break
    table = to_pandas(message)
    same(len(table), 9)
    assert (table["q0.1"] < table["q0.9"]).all()
    assert table["score_coverage80"].between(0.5, 1).all()
    assert str(table["event_time"].dtype).startswith("datetime64[ns")


async def a_subscription_that_is_wrong_ends(gateway):
    try:
        await asyncio.wait_for(read(gateway, 1, symbols=["no such symbol!"]), 10)
    except Refused as refused:
        same(refused.code, 100)
    else:
        raise AssertionError("it went on")


async def tokens_are_shown_and_renewed(gateway):
    shown = []

    async def token():
        shown.append(await gateway.tell('token {"seconds":3}'))
        return shown[-1]["token"]

    reading = asyncio.create_task(read(gateway, 2, token=token))
    await asyncio.sleep(5)
    await gateway.tell("step 1")
    _, kinds, _ = await asyncio.wait_for(reading, 10)
    same(kinds.count("welcome"), 1)
    assert len(shown) >= 2


async def a_refused_token_ends(gateway):
    try:
        await asyncio.wait_for(read(gateway, 1, token=lambda: "none"), 10)
    except Refused as refused:
        same(refused.code, 3500)
    else:
        raise AssertionError("it went on")


OPEN = [
    every_forecast_once_over_a_restart,
    goes_on_in_another_client,
    a_table_has_a_row_per_symbol_and_horizon,
    a_subscription_that_is_wrong_ends,
]
CLOSED = [tokens_are_shown_and_renewed, a_refused_token_ends]


async def main():
    from protocol import run

    for scenarios, over in ((OPEN, {}), (CLOSED, TOKENS)):
        gateway = await Gateway.start(**over)
        await gateway.tell("step 20")
        for function in scenarios:
            await run(gateway, function)
        await gateway.stop()


asyncio.run(main())
