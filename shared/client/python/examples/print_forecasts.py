"""Prints the 80 % interval of every forecast: python print_forecasts.py [url]"""

import asyncio
import sys

from foretick import ForecastClient


async def main(url: str) -> None:
    async with ForecastClient(url, max_rate_hz=2) as client:
        async for message in client:
            if message["type"] != "update":
                continue
            table = client.to_pandas(message)
            print(table[["symbol", "horizon", "value", "q0.1", "q0.9"]].to_string(index=False))


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8080/v1/stream"))
