"""Holds the Python client against a live gateway; steered and reported as protocol.py.

    PYTHONPATH=shared/client/python python client.py STEER...
"""

import asyncio

from foretick import ForecastClient, PositionTracker, Refused, to_pandas
from peer import Gateway, same
from tokens import TOKENS


async def read(gateway, count, origins=None, **options):
    """The origins of one symbol, until there are so many, over whatever connections it takes."""
    origins, kinds = [] if origins is None else origins, []
    async with ForecastClient(gateway.url, reconnect_base=0.05, **options) as client:
        async for message in client:
            kinds.append(message["type"])
            forecasts = message.get("forecasts", [])
            origins += [one["origin"] for one in forecasts if one["symbol"] == "sim:ALPHA"]
            if len(origins) >= count:
                return origins, kinds, client


async def until(fact):
    while not fact():
        await asyncio.sleep(0.01)


async def every_forecast_once_over_a_restart(gateway):
    origins = []
    reading = asyncio.create_task(read(gateway, 61, origins))
    await until(lambda: len(origins) == 1)
    await gateway.tell("step 20")
    await until(lambda: len(origins) > 1)
    await gateway.tell("restart")
    await gateway.tell("step 40")
    _, kinds, _ = await reading
    same(origins, list(range(origins[0], origins[0] + 61)))
    same(kinds.count("snapshot"), 1)
    assert kinds.count("welcome") >= 2


async def goes_on_in_another_client(gateway):
    origins = []
    reading = asyncio.create_task(read(gateway, 6, origins))
    # One forecast a message.
    for count in range(1, 6):
        await until(lambda: len(origins) == count)
        await gateway.tell("step 1")
    _, _, client = await reading
    # The last message was not consumed: its position is that before it.
    more, kinds, _ = await read(gateway, 1, position=client.position)
    same(more[0], origins[-1])
    assert "snapshot" not in kinds
    a_position_that_was_handed_out_stays_and_never_goes_back(client.position)


def a_position_that_was_handed_out_stays_and_never_goes_back(position):
    run, src = position["run"], dict(position["src"])
    tracker = PositionTracker(position)
    # Of a gateway that is behind the one before.
    tracker.restart({"position": {"run": run, "src": dict.fromkeys(src, "0")}})
    same(tracker.position, {"run": run, "src": src})
    tracker.advance({"covers": {"0": {"after": "0", "upTo": str(int(src["0"]) + 1)}}})
    same(tracker.position["src"]["0"], str(int(src["0"]) + 1))
    same(position, {"run": run, "src": src})
    tracker.restart({"position": {"run": "another", "src": {"0": "0"}}})
    same(tracker.position, {"run": "another", "src": {"0": "0"}})


async def other_symbols_on_the_connection_that_stands(gateway):
    kinds, seen = [], []
    async with ForecastClient(gateway.url, symbols=["sim:ALPHA"], reconnect_base=0.05) as client:
        async for message in client:
            kinds.append(message["type"])
            symbols = {one["symbol"] for one in message.get("forecasts", [])}
            if message["type"] == "snapshot":
                seen.append(symbols)
                if len(seen) == 1:
                    await client.subscribe(channels=["ticks"], symbols=["*"])
                    await client.subscribe(symbols=["sim:BETA", "sim:DELTA"])
                elif len(seen) == 2:
                    await gateway.tell("restart")
                    await gateway.tell("step 1")
            elif symbols and len(seen) == 2:
                break
    same(seen, [{"sim:ALPHA"}, {"sim:BETA", "sim:DELTA"}])
    assert symbols <= {"sim:BETA", "sim:DELTA"}
    assert "ticks" in kinds
    same(kinds.count("snapshot"), 2)


async def no_symbols_silence_a_channel(gateway):
    kinds = []
    async with ForecastClient(gateway.url, symbols=["sim:ALPHA"]) as client:
        async for message in client:
            kinds.append(message["type"])
            if message["type"] == "snapshot":
                await client.subscribe(symbols=[])
                await client.subscribe(channels=["ticks"], symbols=["*"])
            elif message["type"] == "ticks":
                if kinds.count("ticks") == 3:
                    break
                await gateway.tell("step 1")
    assert "update" not in kinds, kinds


async def many_that_take_deflated_messages_hear_the_same(gateway):
    heard = [[] for _ in range(9)]
    readings = [
        asyncio.create_task(read(gateway, 11, origins, deflate=origins is not heard[0]))
        for origins in heard
    ]
    await until(lambda: all(len(origins) == 1 for origins in heard))
    for _ in range(10):
        await gateway.tell("step 1")
    await asyncio.gather(*readings)
    same([origins[:11] for origins in heard], [heard[0][:11]] * 9)


async def deltas_give_the_same_forecasts_over_a_restart(gateway):
    async def gather(held, **options):
        async with ForecastClient(gateway.url, reconnect_base=0.05, **options) as client:
            async for message in client:
                for one in message.get("forecasts", []):
                    assert "from" not in one and "changes" not in one
                    # Not known of what is read back, which is another for each of them.
                    held[one["symbol"], one["origin"]] = {**one, "issuedMs": None, "score": None}
                    held["last"] = one["origin"]

    plain, deltas, rated = {}, {}, {}
    readings = [
        asyncio.create_task(gather(plain)),
        asyncio.create_task(gather(deltas, delta=True)),
        asyncio.create_task(gather(rated, delta=True, max_rate_hz=50)),
    ]
    await until(lambda: all("last" in held for held in (plain, deltas, rated)))
    for line in ["step 1"] * 20 + ["restart"] + ["step 1"] * 20:
        last = (await gateway.tell(line)).get("origins")
        keys = [(f"sim:{name}", last - 1) for name in ("ALPHA", "BETA", "DELTA")] if last else []
        await until(lambda keys=keys: all(key in held for key in keys for held in (plain, deltas, rated)))
    for reading in readings:
        reading.cancel()
    same(deltas, plain)
    for key in set(rated) & set(plain) - {"last"}:
        same({**rated[key], "merged": 0}, plain[key])


async def a_table_has_a_row_per_symbol_and_horizon(gateway):
    async with ForecastClient(gateway.url) as client:
        async for message in client:
            if message["type"] == "snapshot":
                break
    table = to_pandas(message)
    same(len(table), 9)
    assert (table["q0.1"] < table["q0.9"]).all()
    assert table["score_coverage80"].between(0.5, 1).all()
    assert (table["measure"] == "price").all()
    for column in ("event_time", "issued"):
        assert str(table[column].dtype).startswith("datetime64[ns"), column


async def a_subscription_that_is_wrong_ends(gateway):
    try:
        await read(gateway, 1, symbols=["no such symbol!"])
    except Refused as refused:
        same(refused.code, 100)
    else:
        raise AssertionError("it went on")


async def tokens_are_shown_and_renewed(_gateway):
    # Its time stands still: no client is too slow to show a newer token before the first expires.
    gateway = await Gateway.start(standsStill=True, **TOKENS)
    await gateway.tell("step 1")
    shown = []

    async def token():
        shown.append(await gateway.tell('token {"seconds":3}'))
        return shown[-1]["token"]

    origins = []
    reading = asyncio.create_task(read(gateway, 2, origins, token=token))
    # The third is asked for once the gateway has taken the second.
    await until(lambda: len(shown) >= 3 and len(origins) == 1)
    await gateway.tell("step 1")
    await gateway.tell("pass 3100")
    _, kinds, _ = await reading
    same(kinds.count("welcome"), 1)
    await gateway.stop()


async def a_refused_token_ends(gateway):
    try:
        await read(gateway, 1, token=lambda: "none")
    except Refused as refused:
        same(refused.code, 3500)
    else:
        raise AssertionError("it went on")


OPEN = [
    every_forecast_once_over_a_restart,
    goes_on_in_another_client,
    other_symbols_on_the_connection_that_stands,
    no_symbols_silence_a_channel,
    many_that_take_deflated_messages_hear_the_same,
    deltas_give_the_same_forecasts_over_a_restart,
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
