"""What every connection may rely on: the welcome, the stream, resuming, refusals, encodings."""

import asyncio

import websockets
from peer import DEADLINE, Reader, opened, same

LIMITS = {"connections": 30, "ringEntries": 256, "bufferedBytes": 65536, "slowMs": 300}
SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


@scenario
async def welcome_comes_first_and_states_run_heartbeat_and_limits(gateway):
    peer = await opened(gateway)
    welcome = await peer.recv()
    same(welcome["type"], "welcome")
    same((welcome["protocolVersion"], welcome["run"]), (1, gateway.run))
    assert welcome["heartbeatMs"] > 0 and welcome["flushMs"] <= 1000
    same(welcome["limits"]["messageBytes"], 65536)
    same(welcome["symbols"], ["sim:ALPHA", "sim:BETA", "sim:DELTA"])


@scenario
async def snapshot_then_updates_of_the_same_shape(gateway):
    peer = await opened(gateway)
    same((await peer.subscribe())["result"]["recovered"], False)
    snapshot = await peer.typed("snapshot")
    await gateway.tell("step 1")
    update = await peer.until(lambda one: one.get("type") == "update" and one["forecasts"])
    same(set(update["forecasts"][0]), set(snapshot["forecasts"][0]))
    same(update["levels"], snapshot["levels"])
    for forecast in snapshot["forecasts"] + update["forecasts"]:
        for horizon in forecast["horizons"]:
            same(len(horizon["quantiles"]), len(update["levels"]))
            same(sorted(horizon["quantiles"]), horizon["quantiles"])


@scenario
async def every_forecast_once_and_in_order(gateway):
    peer, reader = await opened(gateway), Reader()
    await peer.subscribe()
    last = (await gateway.tell("step 60"))["origins"] - 1
    await reader.read(peer, last)
    reader.missed_nothing(last)


@scenario
async def resume_after_a_lost_connection(gateway):
    peer, reader = await opened(gateway), Reader()
    await peer.subscribe()
    await reader.read(peer, (await gateway.tell("step 5"))["origins"] - 1)
    peer.socket.transport.abort()
    last = (await gateway.tell("step 40"))["origins"] - 1
    await reader.resume(await opened(gateway), last)


@scenario
async def resume_across_a_restart_of_the_server(gateway):
    peer, reader = await opened(gateway), Reader()
    await peer.subscribe()
    await reader.read(peer, (await gateway.tell("step 5"))["origins"] - 1)
    closing = asyncio.create_task(peer.typed("closing"))
    await gateway.tell("restart")
    same((await closing)["code"], 3001)
    same(await peer.closed(), 3001)
    last = (await gateway.tell("step 20"))["origins"] - 1
    peer = await opened(gateway)
    same((await peer.recv())["run"], gateway.run)
    await reader.resume(peer, last)


@scenario
async def resume_with_a_rate_counts_what_is_merged(gateway):
    peer, reader = await opened(gateway), Reader()
    await peer.subscribe(maxRateHz=2, symbols=["sim:ALPHA"])
    first = (await gateway.tell("step 1"))["origins"] - 1
    await reader.read(peer, first)
    await peer.socket.close()
    last = (await gateway.tell("step 30"))["origins"] - 1
    peer = await opened(gateway)
    answer = await peer.subscribe(maxRateHz=2, symbols=["sim:ALPHA"], position=reader.position)
    same(answer["result"]["recovered"], True)
    await reader.read(peer, last)
    reader.merged = 0
    last = (await gateway.tell("step 30"))["origins"] - 1
    await reader.read(peer, last)
    origins = reader.origins["sim:ALPHA"]
    assert len(origins) < 20, origins
    same(origins[-1], last)
    same(reader.gaps, 0)


@scenario
async def origin_is_the_one_before_plus_one_plus_merged(gateway):
    peer, before = await opened(gateway), {}
    await peer.subscribe(maxRateHz=5)
    snapshot = await peer.typed("snapshot")
    before = {one["symbol"]: one["origin"] for one in snapshot["forecasts"]}
    last = (await gateway.tell("step 50"))["origins"] - 1
    while before["sim:ALPHA"] < last:
        for one in (await peer.typed("update"))["forecasts"]:
            same(one["origin"], before[one["symbol"]] + 1 + one["merged"])
            before[one["symbol"]] = one["origin"]


@scenario
async def a_position_that_is_too_old_gets_a_snapshot(gateway):
    peer = await opened(gateway)
    position = {"run": gateway.run, "src": {"0": "-1", "1": "-1"}}
    await gateway.tell("step 300")
    same((await peer.subscribe(position=position))["result"]["recovered"], False)
    await peer.typed("snapshot")


@scenario
async def another_run_is_told_and_not_recovered(gateway):
    peer, reader = await opened(gateway), Reader()
    await peer.subscribe()
    reader.snapshot(await peer.typed("snapshot"))
    gateway.run = (await gateway.tell("renew"))["run"]
    await gateway.tell("step 20")
    peer = await opened(gateway)
    welcome = await peer.recv()
    assert welcome["run"] != reader.position["run"]
    same((await peer.subscribe(position=reader.position))["result"]["recovered"], False)
    same((await peer.typed("snapshot"))["position"]["run"], welcome["run"])


@scenario
async def covers_join_where_no_wanted_symbol_ticks(gateway):
    peer = await opened(gateway)
    answer = await peer.subscribe(symbols=["sim:NOTHING"])
    same(answer["result"]["unseen"], ["sim:NOTHING"])
    position = answer["result"]["position"]["src"]
    await gateway.tell("step 3")
    update = await peer.typed("update")
    same(update["forecasts"], [])
    for partition, cover in update["covers"].items():
        same(cover["after"], position[partition])


@scenario
async def a_pattern_stands_for_what_it_fits(gateway):
    peer = await opened(gateway)
    await peer.subscribe(symbols=["sim:*E*TA", "sim:DEL*"])
    snapshot = await peer.typed("snapshot")
    same([one["symbol"] for one in snapshot["forecasts"]], ["sim:BETA", "sim:DELTA"])


@scenario
async def requests_are_refused_with_numbered_errors(gateway):
    peer = await opened(gateway)
    same((await peer.subscribe(channels=["weather"]))["error"]["code"], 100)
    same((await peer.subscribe(symbols=[]))["error"]["code"], 100)
    same((await peer.ask("shout"))["error"]["code"], 101)
    same((await peer.subscribe(symbols=["a*"] * 17))["error"]["code"], 103)
    error = (await peer.ask("shout"))["error"]
    same((set(error), error["temporary"]), ({"code", "message", "temporary"}, False))


@scenario
async def what_is_no_request_ends_with_3501(gateway):
    for text in ["nonsense", "[]", '{"method":"ping"}', '{"id":"1","method":"ping"}', b"bytes"]:
        peer = await opened(gateway)
        await peer.socket.send(text)
        same(await peer.closed(), 3501)


@scenario
async def messages_beyond_the_limits_end_with_1009_and_1008(gateway):
    peer = await opened(gateway)
    await peer.socket.send("x" * 65537)
    same(await peer.closed(), 1009)
    peer = await opened(gateway)
    await peer.socket.send(["x"] * 200)
    same(await peer.closed(), 1008)


@scenario
async def an_unsubscribed_channel_falls_silent(gateway):
    peer = await opened(gateway)
    await peer.subscribe(channels=["forecasts", "ticks"])
    same((await peer.ask("unsubscribe", {"channels": ["forecasts"]}))["result"], {})
    await gateway.tell("step 3")
    while True:
        message = await peer.recv()
        assert message["type"] != "update"
        if message["type"] == "ticks":
            break
    same((await peer.ask("ping"))["result"], {})


@scenario
async def ticks_scores_models_and_health_are_told(gateway):
    peer = await opened(gateway)
    await peer.subscribe(channels=["ticks", "scores", "models", "health"])
    await gateway.tell("step 200")
    seen = set()
    while seen < {"ticks", "scores", "models", "health"}:
        seen.add((await peer.recv()).get("type"))


@scenario
async def forecasts_carry_the_latest_score_that_was_realised(gateway):
    peer, told, forecast = await opened(gateway), {}, None
    await peer.subscribe(channels=["scores", "forecasts"], symbols=["sim:ALPHA"])
    await gateway.tell("step 60")
    while forecast is None or forecast["score"]["eventTimeNs"] not in told:
        await gateway.tell("step 1")
        message = await peer.recv()
        for one in message.get("scores", []):
            told[one["eventTimeNs"]] = {part["horizonTicks"]: part for part in one["horizons"]}
        for one in message.get("forecasts", []):
            forecast = one
    score = forecast["score"]
    assert int(score["eventTimeNs"]) <= int(forecast["eventTimeNs"])
    for k, horizon in enumerate(forecast["horizons"]):
        part = told[score["eventTimeNs"]][horizon["horizonTicks"]]
        for name in ("crps", "skillEwmaGaussian"):
            assert abs(score[name][k] / part[name] - 1) < 1e-3, (name, score, part)
        assert abs(score["coverage80"][k] - part["coverage"][1]) < 1e-3


@scenario
async def forecasts_say_what_they_are_of_and_when_they_were_issued(gateway):
    peer = await opened(gateway)
    await peer.subscribe()
    held = (await peer.typed("snapshot"))["forecasts"]
    assert held and all(one["measure"] == "price" for one in held)
    await gateway.tell("step 1")
    update = await peer.typed("update")
    while not update["forecasts"]:
        update = await peer.typed("update")
    for one in update["forecasts"]:
        assert 0 <= update["sentMs"] - one["issuedMs"] < 1000 * DEADLINE, one


@scenario
async def message_pack_says_the_same(gateway):
    peer = await opened(gateway, subprotocols=["foretick.v1.msgpack"])
    same(peer.socket.subprotocol, "foretick.v1.msgpack")
    same((await peer.recv())["type"], "welcome")
    # {"id": 1, "method": "subscribe", "params": {"channels": ["forecasts"], "symbols": ["*"]}}
    request = b"\x83\xa2id\x01\xa6method\xa9subscribe\xa6params\x82"
    request += b"\xa8channels\x91\xa9forecasts\xa7symbols\x91\xa1*"
    await peer.socket.send(request)
    packed = await peer.typed("snapshot")
    plain = await opened(gateway)
    await plain.subscribe()
    snapshot = await plain.typed("snapshot")
    for one in (packed, snapshot):
        one.pop("sentMs")
    same(packed, snapshot)


@scenario
async def many_with_the_same_wish_read_the_same(gateway):
    packed = {"subprotocols": ["foretick.v1.deflate"]}
    peers = [await opened(gateway, **packed) for _ in range(12)]
    plain = await opened(gateway)
    for peer in [*peers, plain]:
        await peer.subscribe()
        await peer.typed("snapshot")
    await gateway.tell("step 5")
    frames = []
    for peer in [*peers, plain]:
        frames.append(await peer.until(lambda one: one.get("type") == "update" and one["forecasts"]))
    for frame in frames:
        same(frame, frames[0])
    assert peers[0].deflated > 0 and plain.deflated == 0


@scenario
async def too_many_connections_end_with_3504(gateway):
    held = [await opened(gateway) for _ in range(40)]
    codes = []
    for peer in held:
        try:
            await asyncio.wait_for(peer.socket.recv(), DEADLINE)
        except websockets.ConnectionClosed as closed:
            codes.append(closed.rcvd.code)
    assert codes and set(codes) == {3504}, codes
    for peer in held:
        await peer.socket.close()


@scenario
async def a_foreign_origin_is_refused_with_403(gateway):
    try:
        await opened(gateway, origin="https://elsewhere.example")
    except websockets.InvalidStatus as refused:
        same(refused.response.status_code, 403)
    else:
        raise AssertionError("it was let in")


@scenario
async def a_rate_holds_for_ticks_and_their_merged_counts_the_others(gateway):
    peer, seen = await opened(gateway), 0
    await gateway.tell("step 1")
    await peer.subscribe(channels=["ticks"], symbols=["sim:ALPHA"], maxRateHz=2)
    await peer.typed("ticks")
    await gateway.tell("step 40")
    while seen < 40:
        for one in (await peer.typed("ticks"))["ticks"]:
            seen += 1 + one["merged"]
    same(seen, 40)
