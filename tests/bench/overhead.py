#!/usr/bin/env python3
"""overhead.py - the CPU time that JSON-RPC and the revision's work take of one tools/call.

Two runs of the host with the same calls of a tool that does nothing: one alone, for the user CPU time of a call; one under
callgrind, for the share of core/mcp in it. Core/mcp is what its functions execute themselves, and all that they call in core/json,
core/base and libraries (parsing, writing, allocating); not what they start: sessions, scripts, sockets.
"""
import collections
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT, PROGRAM = os.environ["TH_SOURCE"], os.environ["TH_PROGRAM"]
CALLS_ALONE, CALLS_UNDER_CALLGRIND = 30000, 2000
STARTED_FROM_MCP = re.compile(r"core/(session|script|net|loop|tallyfy|practice|cli)/")

MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
          "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1.0.0"}}


class Host:
    def __init__(self, prefix, directory):
        ready = os.path.join(directory, "ready.json")
        if os.path.exists(ready):
            os.remove(ready)
        self.process = subprocess.Popen(
            [*prefix, PROGRAM, "serve", "--mcp", "127.0.0.1:0", "--practice", "--tools", os.path.join(ROOT, "tests/bench/tools"),
             "--ready-file", ready], cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "TALLYHOST_WEBSOCKET_LISTEN": "127.0.0.1:0"})
        while not os.path.exists(ready):
            if self.process.poll() is not None:
                sys.exit(f"overhead: the host ended with {self.process.returncode}")
            time.sleep(0.02)
        with open(ready) as file:
            told = json.load(file)
        self.port = int(told["mcp"].split(":")[2].split("/")[0])
        self.person = told["credentials"][0]

    def user_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            return int(file.read().rsplit(")", 1)[1].split()[11]) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Client:
    """One connection that calls again and again, the same bytes each time."""

    def __init__(self, host, revision):
        self.socket = socket.create_connection(("127.0.0.1", host.port))
        self.host = host
        self.session = None
        params = {"name": "bench_empty", "arguments": {}}
        if revision == "2026-07-28":
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {**params, "_meta": MODERN}}
            more = {"MCP-Protocol-Version": revision, "Mcp-Method": "tools/call", "Mcp-Name": "bench_empty"}
        else:
            head, _ = self.exchange(self.request({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1.0.0"}}}, {}))
            session = re.search(rb"mcp-session-id: *(\S+)", head, re.I).group(1).decode()
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            more = {"Mcp-Session-Id": session, "MCP-Protocol-Version": revision}
        self.bytes = self.request(message, more)

    def request(self, message, more):
        body = json.dumps(message).encode()
        head = {"Host": f"127.0.0.1:{self.host.port}", "Authorization": f"Bearer {self.host.person['api_key']}",
                "X-Tallyfy-Org-Id": self.host.person["org_id"], "Content-Type": "application/json",
                "Accept": "application/json, text/event-stream", "Content-Length": len(body), **more}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST /mcp HTTP/1.1\r\n{lines}\r\n".encode() + body

    def exchange(self, request):
        self.socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(65536)
        head, body = data.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"content-length: *(\d+)", head, re.I).group(1))
        while len(body) < length:
            body += self.socket.recv(65536)
        return head, body

    def call(self, times):
        for _ in range(times):
            head, body = self.exchange(self.bytes)
            if b" 200 " not in head[:20] or b'"done"' not in body:
                sys.exit(f"overhead: a call failed: {head!r} {body!r}")


def costs(path):
    """From a callgrind file: instructions of core/mcp as said above, and of everything."""
    names = {}

    def name(field, text):  # "(7) core/mcp/http.c" names 7; "(7)" repeats it
        number, _, rest = text.partition(" ")
        table = names.setdefault(field, {})
        if rest:
            table[number] = rest
        return table.get(number, text)

    own, total, called = 0, 0, collections.Counter()
    function_file = callee_file = ""
    in_call = False
    with open(path, errors="replace") as file:
        for line in file:
            line = line.rstrip("\n")
            key, equals, value = line.partition("=")
            if equals and key == "fl":
                function_file = callee_file = name("file", value)
            elif equals and key in ("fi", "fe"):
                name("file", value)
            elif equals and key in ("cfi", "cfl"):
                callee_file = name("file", value)
            elif equals and key == "fn":
                callee_file = function_file
            elif equals and key == "calls":
                in_call = True
            elif line[:1] in "0123456789+-*" and line:
                cost = int(line.split()[1]) if len(line.split()) > 1 else 0
                mcp = "core/mcp/" in function_file
                if in_call:
                    if mcp and "core/mcp/" not in callee_file and not STARTED_FROM_MCP.search(callee_file):
                        called[callee_file] += cost
                    callee_file = function_file
                    in_call = False
                else:
                    total += cost
                    if mcp:
                        own += cost
    return own + sum(called.values()), total


def measure(revision, directory):
    host = Host([], directory)
    client = Client(host, revision)
    client.call(2000)
    before = host.user_seconds()
    client.call(CALLS_ALONE)
    user = (host.user_seconds() - before) / CALLS_ALONE * 1e6
    host.stop()

    out = os.path.join(directory, f"callgrind.{revision}")
    host = Host(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--instr-atstart=no", "-q"], directory)
    client = Client(host, revision)
    client.call(50)
    control = lambda what: subprocess.run(["callgrind_control", *what, str(host.process.pid)], check=True, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
    control(["-i", "on"])
    client.call(CALLS_UNDER_CALLGRIND)
    control(["-i", "off"])
    host.stop()
    mcp, total = costs(out)
    print(f"{revision}: {mcp / CALLS_UNDER_CALLGRIND:,.0f} of {total / CALLS_UNDER_CALLGRIND:,.0f} instructions of a call are JSON-RPC "
          f"and the revision's: {user * mcp / total:.1f} of {user:.1f} us of user CPU (floor 10)")


def main():
    directory = tempfile.mkdtemp(prefix="tallyhost-overhead-")
    try:
        for revision in ["2025-11-25", "2026-07-28"]:
            measure(revision, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
