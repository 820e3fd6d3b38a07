"""What depends on time: rates of requests, clients that are slow or silent."""

import asyncio
import json
import re
import socket
import urllib.request

import websockets
from peer import DEADLINE, Gateway, Reader, opened, same
from streaming import LIMITS

# No ping is due while time passes faster than a peer can answer.
STANDING = {**LIMITS, "standsStill": True, "heartbeatMs": 3_600_000}
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
