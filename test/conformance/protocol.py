"""Holds a gateway against docs/protocol.md, from which alone it was written; `websockets` and nothing of ours.

    python protocol.py STEER...    where STEER starts test/builders/serve-process.ts

Prints `ok NAME` or `not ok NAME: WHY` for each scenario.
"""

import asyncio
import json
import re
import socket
import sys
import traceback
import urllib.request
import zlib

import websockets
from websockets.asyncio.client import connect

# Of what must come, on a machine many times slower than ours.
DEADLINE = 240.0
LIMITS = {"connections": 30, "ringEntries": 256, "bufferedBytes": 65536, "slowMs": 300}
SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


class Gateway:
    """A gateway process, steered by lines."""

    def __init__(self, process, port, run):
        self.process, self.port, self.run = process, port, run
        self.url = f"ws://127.0.0.1:{port}/v1/stream"

    @classmethod
    async def start(cls, **over):
        process = await asyncio.create_subprocess_exec(
            *sys.argv[1:], json.dumps(over), stdin=-1, stdout=-1
        )
        first = json.loads(await asyncio.wait_for(process.stdout.readline(), DEADLINE))
        return cls(process, first["port"], first["run"])

    async def tell(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), DEADLINE))

    async def stop(self):
        self.process.stdin.close()
        await self.process.wait()


class Peer:
    """One connection, from which messages are read in order."""

    def __init__(self, socket):
        self.socket, self.id, self.deflated = socket, 0, 0

    async def recv(self):
        message = await asyncio.wait_for(self.socket.recv(), DEADLINE)
        if isinstance(message, str):
            return json.loads(message)
        if self.socket.subprotocol == "foretick.v1.deflate":
            self.deflated += 1
            return json.loads(zlib.decompress(message, -15))
        return unpack(message)[0]

    async def until(self, accept):
        while True:
            message = await self.recv()
            if accept(message):
                return message

    async def typed(self, kind):
        return await self.until(lambda one: one.get("type") == kind)

    async def ask(self, method, params=None):
        self.id += 1
        request = {"id": self.id, "method": method}
        if params is not None:
            request["params"] = params
        await self.socket.send(json.dumps(request))
        return await self.until(lambda one: one.get("id") == self.id)

    async def subscribe(self, **params):
        params = {"channels": ["forecasts"], "symbols": ["*"], **params}
        return await self.ask("subscribe", params)

    async def closed(self):
        try:
            while True:
                await asyncio.wait_for(self.socket.recv(), DEADLINE)
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code


class Reader:
    """A client as the document wants it: holds a position, drops repeats, sees gaps."""

    def __init__(self):
        self.position, self.origins, self.gaps, self.merged = None, {}, 0, 0

    def snapshot(self, message):
        self.position = json.loads(json.dumps(message["position"]))
        self.origins = {one["symbol"]: [one["origin"]] for one in message["forecasts"]}

    def update(self, message):
        src = self.position["src"]
        for partition, cover in message["covers"].items():
            if int(cover["after"]) > int(src.get(partition, "-1")):
                self.gaps += 1
        for one in message["forecasts"]:
            place = one["position"]
            if int(place["src"]) > int(src.get(str(place["partition"]), "-1")):
                self.origins.setdefault(one["symbol"], []).append(one["origin"])
                self.merged += one["merged"]
        for partition, cover in message["covers"].items():
            if int(cover["upTo"]) > int(src.get(partition, "-1")):
                src[partition] = cover["upTo"]

    async def read(self, peer, origin, symbol="sim:ALPHA"):
        while self.origins.get(symbol, [-1])[-1] < origin:
            message = await peer.recv()
            if message.get("type") == "snapshot":
                self.snapshot(message)
            elif message.get("type") == "update":
                self.update(message)

    def missed_nothing(self, last, symbol="sim:ALPHA"):
        origins = self.origins[symbol]
        same(origins, list(range(origins[0], last + 1)))
        same(self.gaps, 0)


async def opened(gateway, **options):
    socket = await connect(gateway.url, max_size=None, **options)
    return Peer(socket)


def unpack(data, at=0):
    """MessagePack, the part of it that is used."""
    head = data[at]
    at += 1
    if head <= 0x7F:
        return head, at
    if head >= 0xE0:
        return head - 256, at
    if 0xA0 <= head <= 0xBF:
        return data[at : at + head - 0xA0].decode(), at + head - 0xA0
    if 0x80 <= head <= 0x8F:
        return unpack_map(data, at, head - 0x80)
    if 0x90 <= head <= 0x9F:
        return unpack_list(data, at, head - 0x90)
    plain = {0xC0: None, 0xC2: False, 0xC3: True}
    if head in plain:
        return plain[head], at
    import struct

    numbers = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q"}
    numbers |= {0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    if head in numbers:
        size = struct.calcsize(numbers[head])
        return struct.unpack(numbers[head], data[at : at + size])[0], at + size
    sizes = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
    size = sizes[head]
    count = int.from_bytes(data[at : at + size], "big")
    at += size
    if head <= 0xDB:
        return data[at : at + count].decode(), at + count
    return (unpack_list if head <= 0xDD else unpack_map)(data, at, count)


def unpack_list(data, at, count):
    items = []
    for _ in range(count):
        item, at = unpack(data, at)
        items.append(item)
    return items, at


def unpack_map(data, at, count):
    items = {}
    for _ in range(count):
        key, at = unpack(data, at)
        items[key], at = unpack(data, at)
    return items, at


def same(was, expected):
    assert was == expected, f"expected {expected!r}, was {was!r}"


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
    peer = await opened(gateway)
    same((await peer.subscribe(position=reader.position))["result"]["recovered"], True)
    await reader.read(peer, last)
    reader.missed_nothing(last)


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
    same((await peer.subscribe(position=reader.position))["result"]["recovered"], True)
    await reader.read(peer, last)
    reader.missed_nothing(last)


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


TIMED_SCENARIOS = []


def timed(function):
    """Of a gateway whose time stands still until it is told to go on."""
    TIMED_SCENARIOS.append(function)
    return function


@timed
async def too_many_requests_are_refused_for_a_while(gateway):
    peer = await opened(gateway)
    for number in range(60):
        await peer.socket.send(json.dumps({"id": number, "method": "ping"}))
    error = (await peer.until(lambda one: "error" in one))["error"]
    same((error["code"], error["temporary"]), (102, True))
    await peer.until(lambda one: one.get("id") == 59)
    await gateway.tell("pass 1000")
    same((await peer.ask("ping"))["result"], {})


async def unread(gateway):
    """A subscription that is fed, and not read, until the gateway has closed it."""
    narrow = socket.socket()
    # Before it connects: the system then holds little of what is not read.
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", gateway.port))
    peer = await opened(gateway, sock=narrow, max_queue=1, ping_interval=None)
    await peer.subscribe()
    closes = await closes_of(gateway)
    while await closes_of(gateway) == closes:
        # Little for each beat: what is unread grows slowly enough for it to be told before it is closed.
        await gateway.tell("step 10")
        await gateway.tell("pass 50")
    return peer


async def closes_of(gateway):
    answer = await asyncio.to_thread(
        urllib.request.urlopen, f"http://127.0.0.1:{gateway.port}/metrics", timeout=DEADLINE
    )
    found = re.findall(r"^foretick_serve_closes_total\S* (\d+)$", answer.read().decode(), re.M)
    return sum(map(int, found))


@timed
async def a_client_that_is_slow_is_told_then_closed_with_3008_and_resumes(gateway):
    peer, reader, kinds = await unread(gateway), Reader(), []
    try:
        while True:
            message = await peer.recv()
            kinds.append(message.get("type"))
            if message.get("type") == "snapshot":
                reader.snapshot(message)
            elif message.get("type") == "update":
                reader.update(message)
    except websockets.ConnectionClosed as closed:
        assert closed.rcvd is not None, "it was cut"
        same(closed.rcvd.code, 3008)
    same(kinds.count("slow"), 1)
    last = (await gateway.tell("step 1"))["origins"] - 1
    peer = await opened(gateway)
    same((await peer.subscribe(position=reader.position))["result"]["recovered"], True)
    # What had not come in by the subscribe is sent with a beat.
    reading = asyncio.create_task(reader.read(peer, last))
    while not reading.done():
        await gateway.tell("pass 50")
    reader.missed_nothing(last)


@timed
async def a_client_that_does_not_read_even_that_is_cut(gateway):
    peer = await unread(gateway)
    await gateway.tell("pass 5000")
    try:
        while True:
            await peer.recv()
    except websockets.ConnectionClosed as closed:
        same(closed.rcvd, None)


@timed
async def a_client_that_answers_no_ping_is_closed_with_3012(_gateway):
    gateway = await Gateway.start(standsStill=True, heartbeatMs=1000)
    peer = await opened(gateway, ping_interval=None)
    same((await peer.recv())["heartbeatMs"], 1000)
    peer.socket.transport.pause_reading()
    await gateway.tell("pass 3000")
    peer.socket.transport.resume_reading()
    same(await peer.closed(), 3012)
    await gateway.stop()


TOKEN_SCENARIOS = []


def with_tokens(function):
    TOKEN_SCENARIOS.append(function)
    return function


async def token(gateway, **options):
    return (await gateway.tell(f"token {json.dumps(options)}"))["token"]


@with_tokens
async def a_token_in_the_header_lets_in(gateway):
    headers = {"Authorization": f"Bearer {await token(gateway)}"}
    peer = await opened(gateway, additional_headers=headers)
    same((await peer.recv())["type"], "welcome")


@with_tokens
async def a_bad_token_in_the_header_is_401(gateway):
    headers = {"Authorization": f"Bearer {await token(gateway, audience='others')}"}
    try:
        await opened(gateway, additional_headers=headers)
    except websockets.InvalidStatus as refused:
        same(refused.response.status_code, 401)
    else:
        raise AssertionError("it was let in")


@with_tokens
async def a_token_as_subprotocol_lets_in_and_is_not_repeated(gateway):
    offered = ["foretick.v1", f"foretick.token.{await token(gateway)}"]
    peer = await opened(gateway, subprotocols=offered)
    same(peer.socket.subprotocol, "foretick.v1")
    same((await peer.recv())["type"], "welcome")
    offered[1] = f"foretick.token.{await token(gateway, seconds=-5)}"
    same(await (await opened(gateway, subprotocols=offered)).closed(), 3500)


@with_tokens
async def a_token_as_first_message_comes_before_the_welcome(gateway):
    peer = await opened(gateway)
    await peer.socket.send(
        json.dumps({"id": 1, "method": "authenticate", "params": {"token": await token(gateway)}})
    )
    first = await peer.recv()
    same((first["id"], first["result"]["allowed"]), (1, ["*"]))
    same((await peer.recv())["type"], "welcome")


@with_tokens
async def a_bad_first_message_is_105_and_3500(gateway):
    peer = await opened(gateway)
    same((await peer.ask("authenticate", {"token": "none"}))["error"]["code"], 105)
    same(await peer.closed(), 3500)
    peer = await opened(gateway)
    same((await peer.subscribe())["error"]["code"], 105)
    same(await peer.closed(), 3500)


@with_tokens
async def an_expired_token_ends_with_3005_and_a_newer_one_goes_on(_gateway):
    # No ping is due while time passes faster than a peer can answer.
    gateway = await Gateway.start(standsStill=True, heartbeatMs=3_600_000, **TOKENS)
    brief = await opened(gateway)
    await brief.ask("authenticate", {"token": await token(gateway, seconds=60)})
    renewed = await opened(gateway)
    await renewed.ask("authenticate", {"token": await token(gateway, seconds=60)})
    await renewed.ask("authenticate", {"token": await token(gateway, seconds=3600)})
    same((await brief.ask("ping"))["result"], {})
    # The token may be younger than the gateway, and its time is in whole seconds.
    await gateway.tell("pass 120000")
    same(await brief.closed(), 3005)
    same((await renewed.ask("ping"))["result"], {})
    await gateway.stop()


@with_tokens
async def a_name_that_is_not_allowed_is_104_and_of_a_pattern_the_rest_is_sent(gateway):
    peer = await opened(gateway)
    await peer.ask("authenticate", {"token": await token(gateway, symbols=["sim:B*"])})
    same((await peer.recv())["symbols"], ["sim:BETA"])
    same((await peer.subscribe(symbols=["sim:ALPHA"]))["error"]["code"], 104)
    await peer.subscribe()
    snapshot = await peer.typed("snapshot")
    same([one["symbol"] for one in snapshot["forecasts"]], ["sim:BETA"])


TOKENS = {"authSecret": "a secret of tests, thirty-two bytes long"}


async def run(gateway, function):
    name = function.__name__
    try:
        await asyncio.wait_for(function(gateway), 2 * DEADLINE)
        print(f"ok {name}", flush=True)
    except Exception as error:  # each scenario is reported, whatever ends it
        where = traceback.extract_tb(error.__traceback__)[-1]
        print(f"not ok {name}: {error!r} at {where.name}:{where.lineno}", flush=True)


async def main():
    # No ping is due while time passes faster than a peer can answer.
    standing = {**LIMITS, "standsStill": True, "heartbeatMs": 3_600_000}
    for scenarios, over in (
        (SCENARIOS, LIMITS),
        (TIMED_SCENARIOS, standing),
        (TOKEN_SCENARIOS, TOKENS),
    ):
        gateway = await Gateway.start(**over)
        await gateway.tell("step 20")
        for function in scenarios:
            await run(gateway, function)
        await gateway.stop()


if __name__ == "__main__":
    asyncio.run(main())
