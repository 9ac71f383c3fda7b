"""client.py - the official Python client walks through the fixture. Arguments: how ("http", "sse" or "stdio"), the mode of
the client ("legacy", "auto" or "2026-07-28"), then the URL, or the command and its arguments. Credentials come as
TALK_HEADERS, a JSON object. Prints one line for each step that went well; the first that did not ends it."""
import asyncio
import json
import os
import sys
import warnings

import httpx2
import mcp_types as types
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

warnings.simplefilter("ignore")  # some of what the fixture shows is deprecated in the newest revision
WATCHED = "test://watched-resource"


def done(step):
    print(f"ok {step}", flush=True)


def server(how, target):
    headers = json.loads(os.environ.get("TALK_HEADERS", "{}"))
    if how == "stdio":
        return StdioServerParameters(command=target[0], args=target[1:])
    if how == "sse":
        return sse_client(target[0], headers=headers)
    return streamable_http_client(target[0], http_client=httpx2.AsyncClient(headers=headers, timeout=60))


async def elicit(context, params):
    names = getattr(params, "requested_schema", {}).get("properties", {})
    return types.ElicitResult(action="accept", content={name: "Ada" for name in names})


async def sample(context, params):
    return types.CreateMessageResult(role="assistant", model="talk", content=types.TextContent(type="text", text="forty-two"))


async def roots(context):
    return types.ListRootsResult(roots=[types.Root(uri="file:///work", name="work")])


def text(result):
    assert not result.is_error, result
    return result.content[0].text


async def changes(client, heard):
    """Hears of a change in the way of the revision that was agreed on."""
    if client.protocol_version >= "2026":
        async with client.listen(tools_list_changed=True, resource_subscriptions=[WATCHED]) as subscription:
            await client.call_tool("test_trigger_tool_change", {})
            async for event in subscription:
                assert type(event).__name__ == "ToolsListChanged", event
                break
    else:
        await client.subscribe_resource(WATCHED)
        await client.unsubscribe_resource(WATCHED)
        await client.call_tool("test_trigger_tool_change", {})
        await asyncio.wait_for(heard.wait(), 30)
    done("subscribe")


async def main(how, mode, *target):
    heard = asyncio.Event()

    async def hear(message):
        if isinstance(message, types.ToolListChangedNotification):
            heard.set()

    async with Client(server(how, target), mode=mode, elicitation_callback=elicit, sampling_callback=sample,
                      list_roots_callback=roots, message_handler=hear) as client:
        done(f"connect {client.protocol_version}")
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert "test_simple_text" in names and names == sorted(names), names
        done("list")
        assert "simple text" in text(await client.call_tool("test_simple_text", {}))
        failed = await client.call_tool("test_error_handling", {})
        assert failed.is_error, failed
        steps = []

        async def progress(step, total, message):
            steps.append(step)

        await client.call_tool("test_tool_with_progress", {}, progress_callback=progress)
        assert steps == [0, 50, 100], steps
        done("call")
        if client.protocol_version >= "2025-06-18":
            assert "Ada" in text(await client.call_tool("test_elicitation", {"message": "Who?"}))
        assert "forty-two" in text(await client.call_tool("test_sampling", {"prompt": "The answer?"}))
        assert "1 roots" in text(await client.call_tool("test_input_required_result_list_roots", {}))
        done("ask")
        uris = [str(resource.uri) for resource in (await client.list_resources()).resources]
        assert "test://static-text" in uris, uris
        read = await client.read_resource("test://template/123/data")
        assert json.loads(read.contents[0].text)["id"] == "123", read
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "uno", "arg2": "dos"})
        assert "uno" in prompt.messages[0].content.text, prompt
        ref = types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
        completed = await client.complete(ref, {"name": "arg1", "value": "test"})
        assert completed.completion.values == ["test-one", "test-two"], completed
        done("read")
        await changes(client, heard)
    done("close")


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), 90))
