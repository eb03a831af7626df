"""One session of the official Python client, driven line by line.

Each line on stdin is a JSON array: the name of a method of the client's session, and its arguments. Each line on stdout is
what came of it: {"result": ...}, or {"error": {"code": ..., "message": ..., "data": ...}}. Where the session ends by itself, the
last line is {"ended": "..."}.

usage: session.py URL older|newer
The headers of every request are a JSON object in the environment variable HEADERS.
"""

import asyncio
import json
import os
import sys
from importlib.metadata import version

import anyio.to_thread
from mcp.client.streamable_http import streamable_http_client

IS_FIRST = version("mcp").startswith("1.")

if IS_FIRST:
    from httpx import AsyncClient
    from mcp import ClientSession
    from mcp.shared.exceptions import McpError
else:
    from httpx2 import AsyncClient
    from mcp import Client
    from mcp.shared.exceptions import MCPError as McpError


def write(line: dict) -> None:
    print(json.dumps(line), flush=True)


async def obey(session) -> None:
    write({"result": {"connected": version("mcp")}})
    while line := await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
        method, *arguments = json.loads(line)
        try:
            result = await getattr(session, method)(*arguments)
            write({"result": result.model_dump(mode="json", by_alias=True)})
        except McpError as error:
            write({"error": error.error.model_dump(mode="json")})


async def run(url: str, era: str) -> None:
    async with AsyncClient(headers=json.loads(os.environ["HEADERS"])) as http:
        transport = streamable_http_client(url, http_client=http)
        if IS_FIRST:
            async with transport as (read, write, _), ClientSession(read, write) as session:
                await session.initialize()
                await obey(session)
        else:
            mode = "2026-07-28" if era == "newer" else "legacy"
            async with Client(transport, mode=mode) as client:
                await obey(client.session)


try:
    asyncio.run(run(*sys.argv[1:]))
except BaseException as error:
    causes = getattr(error, "exceptions", [error])
    write({"ended": ", ".join(map(repr, causes))})
# A thread may still be reading stdin.
os._exit(0)
