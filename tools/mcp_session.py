"""A session of an MCP client with ``mcp-server-motherduck`` on a published file; queries as JSON on stdin, their answers as JSON on stdout.

It runs in the environment of the server (docs/readers.md), which has ``mcp`` and nothing of this project.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

# No file but the one, no address, and nobody can change that.
INIT = "set enable_external_access = false; set lock_configuration = true"


async def ask(published: str, queries: list[str]) -> dict[str, Any]:
    """The tools of the server, its tables, and what it answers to each query."""
    arguments = ["--db-path", published, "--init-sql", INIT, "--query-timeout", "60"]
    server = StdioServerParameters(
        command=str(Path(sys.executable).with_name("mcp-server-motherduck")), args=arguments
    )
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        tools = await session.list_tools()
        tables = await session.call_tool("list_tables", {})
        answers = [await session.call_tool("execute_query", {"sql": query}) for query in queries]
    return {
        "tools": sorted(tool.name for tool in tools.tools),
        "tables": _text(tables),
        "answers": [_text(answer) for answer in answers],
    }


def _text(result: Any) -> str:
    return "\n".join(part.text for part in result.content if part.type == "text")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ask(sys.argv[1], json.load(sys.stdin)))))
