"""Who is let in, and what a token lets see."""

import json

import websockets
from peer import Gateway, opened, same

TOKENS = {"authSecret": "a secret of tests, thirty-two bytes long"}
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
