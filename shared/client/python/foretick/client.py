"""The client: connections come and go, the messages go on."""

from __future__ import annotations

import asyncio
import inspect
import json
import random
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from .bases import ForecastBases
from .errors import Refused, may_reconnect
from .frames import to_pandas
from .position import Message, PositionTracker

if TYPE_CHECKING:
    import pandas

Token = Callable[[], "str | Awaitable[str]"]

FIRST_HEARTBEAT_SECONDS = 10.0
# JSON, of which the server deflates what many clients share.
DEFLATED = Subprotocol("foretick.v1.deflate")
# Of the time that a token has left, after so much a newer one is asked for.
RENEW_SHARE = 0.8


class ForecastClient:
    """Iterate over it for messages. `async with` closes it at the end."""

    def __init__(
        self,
        url: str,
        *,
        symbols: Sequence[str] = ("*",),
        channels: Sequence[str] = ("forecasts",),
        max_rate_hz: float | None = None,
        position: Message | None = None,
        token: Token | None = None,
        reconnect_base: float = 0.5,
        reconnect_cap: float = 20.0,
        deflate: bool = False,
        delta: bool = False,
    ) -> None:
        self._url = url
        self._bases = ForecastBases() if delta else None
        self._wanted = [_params(symbols, channels, max_rate_hz)]
        self._unanswered: set[int] = set()
        # Before the answer to this one updates follow on something else.
        self._awaited: int | None = None
        self._wants_snapshot = False
        self._is_open = False
        self._tracker = PositionTracker(position)
        self._token = token
        self._subprotocols = [DEFLATED] if deflate else None
        self._base, self._cap = reconnect_base, reconnect_cap
        self._attempt = 0
        self._id = 0
        self._socket: ClientConnection | None = None
        self._is_closed = False
        self._expires_ms: int | None = None
        self._heartbeat = FIRST_HEARTBEAT_SECONDS

    async def __aenter__(self) -> ForecastClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def position(self) -> Message | None:
        """What to pass as `position` to go on later; None before the first snapshot."""
        return self._tracker.position

    @staticmethod
    def to_pandas(message: Message) -> pandas.DataFrame:
        return to_pandas(message)

    async def subscribe(
        self,
        *,
        symbols: Sequence[str],
        channels: Sequence[str] = ("forecasts",),
        max_rate_hz: float | None = None,
    ) -> None:
        """Replaces what is heard of these channels, on the connection that stands and on later ones.

        Other channels go on. Forecasts begin with a snapshot. No symbols: nothing is heard of them.
        """
        wanted = _params(symbols, channels, max_rate_hz)
        others = [
            {**one, "channels": [name for name in one["channels"] if name not in channels]}
            for one in self._wanted
        ]
        self._wanted = [one for one in others if one["channels"]] + [wanted]
        if "forecasts" in channels:
            self._wants_snapshot = True
        if self._is_open and self._socket is not None:
            if symbols:
                await self._subscribe(self._socket, wanted)
            else:
                await self._ask(self._socket, "unsubscribe", {"channels": list(channels)})

    async def close(self) -> None:
        self._is_closed = True
        if self._socket is not None:
            await self._socket.close()

    async def __aiter__(self) -> AsyncIterator[Message]:
        """Raises Refused where connecting again would end the same way."""
        while not self._is_closed:
            try:
                async with connect(
                    self._url,
                    max_size=None,
                    ping_interval=None,
                    subprotocols=self._subprotocols,
                ) as socket:
                    self._socket = socket
                    async for message in self._session(socket):
                        yield message
            except InvalidStatus as refused:
                if refused.response.status_code in (401, 403):
                    raise Refused(refused.response.status_code, "at the handshake") from refused
            except ConnectionClosed as closed:
                self._require_retry(closed)
            except (OSError, InvalidHandshake, TimeoutError):
                pass  # The network: it is tried again below.
            finally:
                self._socket = None
            if not self._is_closed:
                await self._pause()

    async def _session(self, socket: ClientConnection) -> AsyncIterator[Message]:
        renewal: asyncio.Task[None] | None = None
        if self._token is not None:
            await self._show_token(socket)
        try:
            async for message in self._heard(socket):
                if "id" in message:
                    if message["id"] in self._unanswered:
                        self._subscribed(message)
                    elif "expiresMs" in message.get("result", {}):
                        self._expires_ms = message["result"]["expiresMs"]
                        if renewal is None and self._expires_ms is not None:
                            renewal = asyncio.create_task(self._renew(socket))
                    continue
                kind = message.get("type")
                if kind == "welcome":
                    self._heartbeat = message["heartbeatMs"] / 1000
                    self._tracker.forget_unless(message["run"])
                    self._forget_bases()
                    self._is_open = True
                    for wanted in self._wanted:
                        await self._subscribe(socket, wanted, awaits=True)
                elif kind == "update":
                    if self._awaited is not None:
                        continue
                    whole = None if self._tracker.has_gap(message) else self._whole(message)
                    if whole is None:
                        self._forget_bases()
                        for wanted in self._wanted:
                            if "forecasts" in wanted["channels"]:
                                await self._subscribe(socket, wanted, awaits=True)
                        continue
                    fresh = self._tracker.fresh({"forecasts": whole})
                    if fresh:
                        yield {**message, "forecasts": fresh}
                    self._tracker.advance(message)
                    continue
                if kind == "snapshot" and self._bases is not None:
                    self._bases.restart(message["forecasts"])
                yield message
                if kind == "snapshot":
                    self._tracker.restart(message)
                    if not self._unanswered:
                        self._wants_snapshot = False
        finally:
            self._is_open = False
            self._awaited = None
            self._unanswered.clear()
            if renewal is not None:
                renewal.cancel()

    async def _heard(self, socket: ClientConnection) -> AsyncIterator[Message]:
        """Asks for a sign of life where there is none, and gives up after two heartbeats."""
        heard = time.monotonic()
        while True:
            try:
                text = await asyncio.wait_for(socket.recv(), self._heartbeat / 2)
            except TimeoutError:
                if time.monotonic() - heard > 2 * self._heartbeat:
                    raise TimeoutError("nothing was heard") from None
                await self._ask(socket, "ping")
                continue
            heard = time.monotonic()
            if isinstance(text, bytes):
                text = zlib.decompress(text, wbits=-15)
            yield json.loads(text)

    def _whole(self, update: Message) -> list[Message] | None:
        """Its forecasts; None where one is a delta to what is not here."""
        return update["forecasts"] if self._bases is None else self._bases.whole(update)

    def _forget_bases(self) -> None:
        if self._bases is not None:
            self._bases.restart()

    def _subscribed(self, reply: Message) -> None:
        self._unanswered.discard(reply["id"])
        error = reply.get("error")
        if error is None:
            self._attempt = 0
            if reply["id"] == self._awaited:
                self._awaited = None
        elif not error["temporary"]:
            raise Refused(error["code"], error["message"])
        else:
            raise TimeoutError(error["message"])

    async def _subscribe(
        self, socket: ClientConnection, wanted: dict[str, Any], *, awaits: bool = False
    ) -> None:
        if not wanted["symbols"]:
            return
        params = dict(wanted)
        if self._bases is not None and "forecasts" in wanted["channels"]:
            params["delta"] = True
        if self._tracker.position is not None and not self._wants_snapshot:
            params["position"] = self._tracker.position
        asked = await self._ask(socket, "subscribe", params)
        self._unanswered.add(asked)
        if awaits and "forecasts" in wanted["channels"]:
            self._awaited = asked

    async def _show_token(self, socket: ClientConnection) -> None:
        assert self._token is not None
        token = self._token()
        if inspect.isawaitable(token):
            token = await token
        await self._ask(socket, "authenticate", {"token": token})

    async def _renew(self, socket: ClientConnection) -> None:
        while self._expires_ms is not None:
            left = self._expires_ms / 1000 - time.time()
            await asyncio.sleep(max(0.05, RENEW_SHARE * left))
            await self._show_token(socket)

    async def _ask(
        self, socket: ClientConnection, method: str, params: dict[str, Any] | None = None
    ) -> int:
        self._id += 1
        request: Message = {"id": self._id, "method": method}
        if params is not None:
            request["params"] = params
        await socket.send(json.dumps(request))
        return self._id

    def _require_retry(self, closed: ConnectionClosed) -> None:
        code = 1006 if closed.rcvd is None else closed.rcvd.code
        if not self._is_closed and not may_reconnect(code):
            raise Refused(code, "" if closed.rcvd is None else closed.rcvd.reason) from closed

    async def _pause(self) -> None:
        """Full jitter (Brooker 2015): all clients of a server that fell do not come back at once."""
        bound = min(self._cap, self._base * 2 ** min(self._attempt, 30))
        self._attempt += 1
        await asyncio.sleep(random.random() * bound)


def _params(
    symbols: Sequence[str], channels: Sequence[str], max_rate_hz: float | None
) -> dict[str, Any]:
    params: dict[str, Any] = {"symbols": list(symbols), "channels": list(channels)}
    return params if max_rate_hz is None else {**params, "maxRateHz": max_rate_hz}
