#!/usr/bin/env bash
# run.sh: the local network with the program and the market of migrations/localnet.json on it, until Ctrl-C.
# Everything it needs must have been built: `make localnet` sees to that.
set -euo pipefail

cd "$(dirname "$0")/../.."
port=${HMM_PORT:-8899}
id=$(node -p 'require("./target/idl/hmm.json").address')

exec {ready}< <(exec vm/localnet/target/release/hmm-localnet --port "$port" --ws-port $((port + 1)) --program target/deploy/hmm.so --program-id "$id")
network=$!
end() {
  trap - EXIT
  kill "$network" 2>/dev/null || true
  wait "$network" || true
  exit "$1"
}
trap 'end $?' EXIT
trap 'end 0' INT TERM HUP

read -r line <&"$ready" || { echo "the network did not start" >&2; exit 1; }
node migrations/deploy.mjs migrations/localnet.json --url "http://127.0.0.1:$port" --ws "ws://127.0.0.1:$((port + 1))"
printf '\n%s (Ctrl-C ends it)\n' "$line"
wait "$network"
