#!/usr/bin/env python3
"""bench.py [ROUNDS] - ratios, side by side, in one interleaved run.

The server under test is pinned to core 0; load (wrk) and upstream (an nginx with canned answers) to core 1. Every round runs
every server once for each load, so that a drifting machine moves all of them; the median of the rounds is reported. CPU per request
is the server process's user and system time divided by the requests answered.
"""
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.environ["TH_SOURCE"]
PROGRAM = os.environ["TH_PROGRAM"]
HERE = os.path.join(ROOT, "tests", "bench")
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
KEY, ORG = "bench-key-0123456789abcdef", "bench"
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def row(number):
    return {"id": f"{number:032x}", "title": f"Prepare the quarterly report, part {number}", "status": "in-progress",
            "position": number, "deadline": "2026-12-04T16:00:00Z", "owners": {"users": [41001, 41003], "guests": [], "groups": []},
            "summary": "<p>Collect the figures, check them against the ledger, and send them on.</p>", "is_approved": None}


def rows_of(size):
    rows = []
    while len(json.dumps(rows)) < size:
        rows.append(row(len(rows) + 1))
    return rows


class Server:
    """One process under test, or beside it."""

    def __init__(self, name, command, core, url, environment=None, cwd=None):
        self.name, self.url = name, url
        self.started = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", str(core)] + command, env={**os.environ, **(environment or {})},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd)
        self.ready_after = None

    def wait(self, body=None, headers=None):
        while True:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.process.returncode}")
            try:
                request = urllib.request.Request(self.url, data=body, headers=headers or {})
                with urllib.request.urlopen(request, timeout=5) as answer:
                    self.ready_after = time.monotonic() - self.started
                    return answer
            except (OSError, urllib.error.URLError):
                time.sleep(0.002)

    def pids(self):
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False).stdout.split()
        return [self.process.pid] + [int(pid) for pid in children]

    def cpu(self):
        total = 0.0
        for pid in self.pids():
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0]) / 1e9
            # Threads other than the first have accounts of their own.
            for task in os.listdir(f"/proc/{pid}/task"):
                if int(task) != pid:
                    with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                        total += int(file.read().split()[0]) / 1e9
        return total

    def memory(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))
        return total / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
    "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}}).encode()
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
           "Authorization": f"Bearer {KEY}", "X-Tallyfy-Org-Id": ORG}


def nginx_upstream(directory, port):
    canned = {"me": {"data": {"id": 41001, "full_name": "Bench Person", "email": "bench@example.com", "role": "admin"}},
              "": {"data": {"id": ORG, "name": "Bench", "timezone": "UTC"}},
              "bench-2k": {"data": {"rows": rows_of(2000)}}, "bench-50k": {"data": rows_of(50000)}}
    locations = ""
    for name, value in canned.items():
        path = os.path.join(directory, f"answer-{name or 'org'}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(value, file)
        locations += f"location = /organizations/{ORG}{'/' + name if name else ''} {{ default_type application/json; alias {path}; }}\n"
    return nginx_config(directory, "upstream", port, "open_file_cache max=100; sendfile on; tcp_nopush off;" + locations)


def nginx_proxy(directory, port, upstream):
    """The same upstream answer for any POST: what a plain proxy does for the same work."""
    where = "".join(f"location = /{name} {{ proxy_pass http://api/organizations/{ORG}/{name}; proxy_method GET; "
                    "proxy_pass_request_body off; proxy_set_header Content-Length \"\"; proxy_http_version 1.1; "
                    "proxy_set_header Connection \"\"; proxy_buffers 8 64k; }\n" for name in ("bench-2k", "bench-50k"))
    return nginx_config(directory, "proxy", port, where, f"upstream api {{ server 127.0.0.1:{upstream}; keepalive 128; }}")


def nginx_config(directory, name, port, inside, outside=""):
    path = os.path.join(directory, f"{name}.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""daemon off; master_process off; pid {directory}/{name}.pid; error_log {directory}/{name}.log;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {directory}; proxy_temp_path {directory};
fastcgi_temp_path {directory}; uwsgi_temp_path {directory}; scgi_temp_path {directory};
{outside} server {{ listen 127.0.0.1:{port}; {inside} }} }}""")
    return ["nginx", "-c", path, "-p", directory]


def initialize(server):
    answer = server.wait(INITIALIZE, HEADERS)
    return answer.headers.get("Mcp-Session-Id")


def load(server, url, connections, tool, session):
    """One run of wrk: requests per second, CPU microseconds per request, p50 in microseconds."""
    before = server.cpu()
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency",
               "-s", os.path.join(HERE, "call.lua"), url, "--", tool, session or "none", KEY, ORG]
    text = subprocess.run(command, capture_output=True, text=True, check=True)
    if text.stderr.strip():
        raise SystemExit(f"{server.name}: {text.stderr}")
    count = int(re.search(r"(\d+) requests in", text.stdout).group(1))
    if re.search(r"Non-2xx", text.stdout):
        raise SystemExit(f"{server.name}: {text.stdout}")
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text.stdout).groups()
    p50 = float(value) * {"us": 1, "ms": 1000, "s": 1e6}[unit]
    return count / SECONDS, (server.cpu() - before) / max(count, 1) * 1e6, p50


def start_all(directory):
    upstream_port, proxy_port, sdk1_port, sdk2_port, host_port = (free_port() for _ in range(5))
    api = f"http://127.0.0.1:{upstream_port}"
    upstream = Server("upstream", nginx_upstream(directory, upstream_port), 1, f"{api}/organizations/{ORG}")
    upstream.wait()
    servers = {"nginx proxy_pass": Server("nginx", nginx_proxy(directory, proxy_port, upstream_port), 0,
                                          f"http://127.0.0.1:{proxy_port}/bench-2k")}
    servers["nginx proxy_pass"].wait()
    for name, file, port in (("SDK 1.x", "sdk1.mjs", sdk1_port), ("SDK 2.x", "sdk2.mjs", sdk2_port)):
        servers[name] = Server(name, ["node", os.path.join(HERE, file), str(port), api], 0, f"http://127.0.0.1:{port}/mcp")
        servers[name].session = initialize(servers[name])
    servers["tallyhost"] = Server("tallyhost", [PROGRAM, "serve", "--chat", "off", "--mcp", f"127.0.0.1:{host_port}",
                                                "--tools", os.path.join(HERE, "tools")], 0, f"http://127.0.0.1:{host_port}/mcp",
                                  {"TALLYHOST_TALLYFY_BASE_URL": api, "TALLYHOST_TALLYFY_PLAIN_HTTP": "true",
                                   "TALLYHOST_SESSION_CALLS": "256", "TALLYHOST_SESSION_CALLS_TOTAL": "256"}, cwd=directory)
    servers["tallyhost"].session = initialize(servers["tallyhost"])
    return upstream, servers


def jobs():
    """(label, tool, connections, servers)"""
    peers = ("nginx proxy_pass", "SDK 1.x", "SDK 2.x", "tallyhost")
    for connections in (1, 16, 64):
        yield f"2 KB, {connections} connections", "bench_2k", connections, peers
    yield "50 KB, 16 connections", "bench_50k", 16, peers
    yield "50 KB reshaped, 16 connections", "bench_shape", 16, ("tallyhost",)
    yield "no API, 16 connections", "bench_empty", 16, ("tallyhost",)


def measure(servers):
    figures = {}
    for number in range(ROUNDS + 1):  # the first round warms up and is not counted
        for label, tool, connections, names in jobs():
            for name in names:
                server = servers[name]
                url = server.url if name != "nginx proxy_pass" else re.sub(r"bench-\w+$", tool.replace("_", "-"), server.url)
                result = load(server, url, connections, tool, getattr(server, "session", None))
                if number:
                    figures.setdefault((label, name), []).append(result)
        print(f"round {number} of {ROUNDS}", file=sys.stderr)
    return {key: [statistics.median(column) for column in zip(*rows)] for key, rows in figures.items()}


def report(figures, servers):
    print(f"\n{'load':32} {'server':18} {'requests/s':>11} {'CPU us/req':>11} {'p50 us':>8}   CPU against tallyhost")
    for (label, name), (rate, cpu, p50) in figures.items():
        own = figures[(label, "tallyhost")][1]
        print(f"{label:32} {name:18} {rate:11.0f} {cpu:11.1f} {p50:8.0f}   {cpu / own:6.2f}x")
    print()
    for label in ("2 KB, 16 connections", "2 KB, 64 connections", "50 KB, 16 connections"):
        share = figures[(label, "nginx proxy_pass")][1] / figures[(label, "tallyhost")][1]
        print(f"{label}: {share:.0%} of nginx proxy_pass's throughput per CPU")
    one = "2 KB, 1 connections"
    print(f"p50 at one connection: {figures[(one, 'tallyhost')][2] / figures[(one, 'nginx proxy_pass')][2]:.2f}x nginx proxy_pass")
    reshaped = figures[("50 KB reshaped, 16 connections", "tallyhost")][1] / figures[("50 KB, 16 connections", "tallyhost")][1]
    print(f"50 KB reshaped against passed through: {reshaped:.2f}x the CPU")
    for name in ("SDK 1.x", "SDK 2.x", "tallyhost"):
        server = servers[name]
        print(f"{name}: first answer {server.ready_after * 1000:.0f} ms after start, {server.memory():.1f} MB resident after the load")


def main():
    directory = tempfile.mkdtemp(prefix="tallyhost-bench-")
    upstream, servers = start_all(directory)
    try:
        print("resident after start: " + ", ".join(f"{name} {server.memory():.1f} MB" for name, server in servers.items()))
        report(measure(servers), servers)
    finally:
        for server in [*servers.values(), upstream]:
            server.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
