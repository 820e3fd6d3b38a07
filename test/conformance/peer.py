"""A gateway process, a connection to it, and a client as docs/protocol.md wants it."""

import asyncio
import json
import sys
import zlib

import websockets
from message_pack import unpack
from websockets.asyncio.client import connect

# Of what must come, on a machine many times slower than ours.
DEADLINE = 240.0


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

    async def resume(self, peer, last):
        """Goes on where it was, on another connection, and misses nothing up to the last origin."""
        same((await peer.subscribe(position=self.position))["result"]["recovered"], True)
        await self.read(peer, last)
        self.missed_nothing(last)

    def missed_nothing(self, last, symbol="sim:ALPHA"):
        origins = self.origins[symbol]
        same(origins, list(range(origins[0], last + 1)))
        same(self.gaps, 0)


async def opened(gateway, **options):
    socket = await connect(gateway.url, max_size=None, **options)
    return Peer(socket)


def same(was, expected):
    assert was == expected, f"expected {expected!r}, was {was!r}"
