"""Deltas: alone, with a rate, over a restart, after a stall; what they make of their bases is what others are told whole."""

import asyncio
import json
import socket

from peer import opened, same

DELTA_SCENARIOS, STALLED_SCENARIOS = [], []
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
ALWAYS = {"symbol", "origin", "eventTimeNs", "issuedMs", "position", "originValue", "merged"}
SOMETIMES = {"modelSha", "isWarming", "score", "weights"}


def scenario(function):
    DELTA_SCENARIOS.append(function)
    return function


def stalled(function):
    STALLED_SCENARIOS.append(function)
    return function


def whole_numbers(text):
    numbers, bits, count = [], 0, 0
    for letter in text:
        value = LETTERS.index(letter)
        bits |= (value & 31) << 5 * count
        count += 1
        if value < 32:
            numbers.append((-1 if bits & 1 else 1) * (bits >> 1))
            bits, count = 0, 0
    same(count, 0)
    return numbers


def put_together(base, delta):
    fields = set(delta)
    assert ALWAYS | {"from", "decimals", "changes"} <= fields, fields
    assert fields <= ALWAYS | {"from", "decimals", "changes"} | SOMETIMES, fields
    same(base["origin"], delta["from"])
    scale, changes, total = 10 ** delta["decimals"], whole_numbers(delta["changes"]), 0
    horizons = []
    for number, horizon in enumerate(base["horizons"]):
        values = []
        for before in [horizon["point"], *horizon["quantiles"]]:
            total += changes.pop(0)
            values.append((round(before * scale) + total) / scale)
        horizon = {**horizon, "point": values[0], "quantiles": values[1:]}
        if "weights" in delta:
            horizon["weights"] = delta["weights"][number]
        horizons.append(horizon)
    same(changes, [])
    changed = {key: delta[key] for key in fields - {"from", "decimals", "changes", "weights"}}
    return {**base, **changed, "horizons": horizons}


class Held:
    """What a client holds of one subscription, and all it has been told since."""

    def __init__(self):
        self.position, self.newest, self.told, self.kinds = None, {}, {}, []
        self.most_merged_whole = 0

    async def subscribe(self, peer, **params):
        if self.position is not None:
            params["position"] = self.position
        answer = await peer.subscribe(**params)
        self.newest = {}
        same(answer["result"]["recovered"], self.position is not None)

    def take(self, message):
        if message["type"] == "snapshot":
            self.position = json.loads(json.dumps(message["position"]))
        for cover in message.get("covers", {}).items():
            self.cover(*cover)
        for one in message["forecasts"]:
            symbol = one["symbol"]
            if message["type"] == "update":
                self.kinds.append("delta" if "from" in one else "whole")
                if "from" in one:
                    one = put_together(self.newest[symbol], one)
                else:
                    self.most_merged_whole = max(self.most_merged_whole, one["merged"])
                if symbol in self.newest:
                    same(one["origin"], self.newest[symbol]["origin"] + 1 + one["merged"])
            self.newest[symbol] = one
            self.told[symbol, one["origin"]] = {**one, "merged": 0}

    def cover(self, partition, cover):
        src = self.position["src"]
        assert int(cover["after"]) <= int(src.get(partition, "-1")), "a gap"
        src[partition] = cover["upTo"]

    async def read(self, peer, origin):
        """Until that origin of every symbol has come."""
        while min((one["origin"] for one in self.newest.values()), default=-1) < origin:
            message = await peer.recv()
            if message.get("type") in ("snapshot", "update"):
                self.take(message)


async def last_of(gateway, steps):
    return (await gateway.tell(f"step {steps}"))["origins"] - 1


async def both(gateway, **wish):
    """A client of deltas, and one that is told everything whole."""
    peer, witness = await opened(gateway, **wish.pop("connection", {})), await opened(gateway)
    held, seen = Held(), Held()
    await seen.subscribe(witness)
    await held.subscribe(peer, delta=True, **wish)
    last = await last_of(gateway, 1)
    await held.read(peer, last)
    await seen.read(witness, last)
    return peer, held, witness, seen


def says_the_same(held, seen):
    """Every forecast that both were told."""
    common = set(held.told) & set(seen.told)
    assert set(held.newest) == set(seen.newest) and len(common) >= len(held.newest)
    for key in common:
        same(held.told[key], seen.told[key])


async def read_on(gateway, peer, held, witness, seen, rounds=12, steps=4):
    for _ in range(rounds):
        last = await last_of(gateway, steps)
        await held.read(peer, last)
        await seen.read(witness, last)
    says_the_same(held, seen)


@scenario
async def deltas_put_together_are_what_others_are_told(gateway):
    peer, held, witness, seen = await both(gateway)
    await read_on(gateway, peer, held, witness, seen)
    same(set(held.told), set(seen.told))
    # The first of each symbol comes whole at most, here and there one that has a digit more.
    assert held.kinds.count("delta") > 0.9 * len(held.kinds), held.kinds
    assert "delta" not in seen.kinds


@scenario
async def deltas_with_a_rate_are_made_from_what_was_sent(gateway):
    peer, held, witness, seen = await both(gateway, maxRateHz=20)
    await read_on(gateway, peer, held, witness, seen)
    assert held.kinds.count("delta") > 0.5 * len(held.kinds), held.kinds
    assert len(held.told) < len(seen.told), "nothing was merged"


@scenario
async def deltas_in_message_pack_and_deflated_are_the_same(gateway):
    for subprotocol in ("foretick.v1.msgpack", "foretick.v1.deflate"):
        connection = {"subprotocols": [subprotocol]}
        if subprotocol.endswith("deflate"):
            peer, held, witness, seen = await both(gateway, connection=connection)
            others = [await opened(gateway, **connection) for _ in range(12)]
            for other in others:
                await other.subscribe(delta=True)
            await read_on(gateway, peer, held, witness, seen)
            assert peer.deflated > 0
        else:
            # As `both`, with a request in MessagePack.
            peer, witness = await opened(gateway, **connection), await opened(gateway)
            held, seen = Held(), Held()
            await seen.subscribe(witness)
            request = b"\x83\xa2id\x01\xa6method\xa9subscribe\xa6params\x83\xa5delta\xc3"
            request += b"\xa8channels\x91\xa9forecasts\xa7symbols\x91\xa1*"
            await peer.socket.send(request)
            await read_on(gateway, peer, held, witness, seen)
        assert held.kinds.count("delta") > 0.9 * len(held.kinds), held.kinds


@scenario
async def deltas_go_on_after_a_restart_of_the_server(gateway):
    for wish in ({}, {"maxRateHz": 20}):
        peer, held, witness, seen = await both(gateway, **wish)
        await read_on(gateway, peer, held, witness, seen)
        await gateway.tell("restart")
        last = await last_of(gateway, 20)
        peer, witness = await opened(gateway), await opened(gateway)
        for client in (held, seen):
            client.told, client.kinds = {}, []
        await held.subscribe(peer, delta=True, **wish)
        await seen.subscribe(witness)
        await held.read(peer, last)
        await seen.read(witness, last)
        await read_on(gateway, peer, held, witness, seen)
        # What was missed comes whole, and the next of each symbol.
        assert "delta" not in held.kinds[: len(held.newest)], held.kinds
        assert held.kinds.count("delta") > 5, held.kinds


@scenario
async def a_client_without_its_base_goes_on_from_its_position(gateway):
    peer, held, witness, seen = await both(gateway)
    await read_on(gateway, peer, held, witness, seen)
    # As if something had gone wrong: it holds nothing, and asks for what follows.
    await held.subscribe(peer, delta=True)
    last = await last_of(gateway, 1)
    await held.read(peer, last)
    await seen.read(witness, last)
    await read_on(gateway, peer, held, witness, seen)
    same(held.told, seen.told)


@stalled
async def deltas_after_a_stall_begin_with_what_is_whole(gateway):
    narrow = socket.socket()
    # Before it connects: the system then holds little of what is not read.
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", gateway.port))
    peer = await opened(gateway, sock=narrow, max_queue=1, ping_interval=None)
    held, witness, seen, rounds = Held(), await opened(gateway), Held(), 100
    await seen.subscribe(witness)
    await held.subscribe(peer, delta=True, maxRateHz=1000)
    # What is owed after a stall stands for many.
    while held.most_merged_whole < 10:
        peer.socket.transport.pause_reading()
        for _ in range(rounds):
            last = await last_of(gateway, 2)
            await gateway.tell("pass 50")
            await seen.read(witness, last)
        rounds *= 2
        peer.socket.transport.resume_reading()
        await caught_up(gateway, held.read(peer, last))
    for _ in range(3):
        last = await last_of(gateway, 1)
        await caught_up(gateway, asyncio.gather(held.read(peer, last), seen.read(witness, last)))
    says_the_same(held, seen)
    assert "delta" in held.kinds[-9:], held.kinds[-9:]


async def caught_up(gateway, reading):
    """What is owed is sent with a beat."""
    reading = asyncio.ensure_future(reading)
    while not reading.done():
        await gateway.tell("pass 50")
    await reading
