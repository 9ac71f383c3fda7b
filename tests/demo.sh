#!/usr/bin/env bash
# demo.sh PROGRAM [FLAG...] - starts the host with the practice organisation and prints what to paste. Called by ./dev run.
set -euo pipefail
program=$1
shift
ready=$(mktemp)
trap 'rm -f "$ready"' EXIT
rm -f "$ready"
"$program" serve --practice --ready-file "$ready" "$@" &
host=$!
# Ctrl-C reaches the host too, which drains and stops by itself: only wait for it. TERM comes to this script alone.
trap : INT
trap 'kill -TERM $host 2>/dev/null' TERM
until [ -s "$ready" ]; do
  kill -0 $host 2>/dev/null || { wait $host || exit $?; exit 1; }
  sleep 0.05
done
# Fields of the ready file, without a JSON tool: the program wrote it on one line.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$ready"; }
first() { grep -o "\"$1\":\"[^\"]*\"" "$ready" | head -n 1 | cut -d'"' -f4; }
mcp=$(field mcp)
key=$(first api_key) org=$(first org_id) name=$(first name)
cat <<TEXT

tallyhost is ready.
  chat, in a browser      $(field page)
  chat, as a WebSocket    $(field chat)
  MCP endpoint            $mcp
  practice organisation   $(field practice)
  signed in as            $name
  api key                 $key
  organisation            $org

1. Call a tool with curl:

curl -s $mcp -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\
  -H 'Authorization: Bearer $key' -H 'X-Tallyfy-Org-Id: $org' \\
  -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: get_my_tasks' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_my_tasks","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'

2. Client configuration (Claude Desktop, Cursor and others):

{"mcpServers":{"tallyhost":{"type":"http","url":"$mcp","headers":{"Authorization":"Bearer $key","X-Tallyfy-Org-Id":"$org"}}}}

3. MCP Inspector:

npx @modelcontextprotocol/inspector --cli $mcp --transport http --method tools/list \\
  --header "Authorization: Bearer $key" --header "X-Tallyfy-Org-Id: $org"

Ctrl-C stops it.
TEXT
status=0
wait $host || status=$?
while kill -0 $host 2>/dev/null; do # a signal ends `wait` early
  status=0
  wait $host || status=$?
done
exit $status
