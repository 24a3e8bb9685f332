#!/usr/bin/env bash
# build.sh CRATE_FOLDER [cargo arguments]: builds a program crate to target/deploy/NAME.so, with the release profile and the
# lock file of the crate's workspace, by whichever toolchain install.sh says. Prints the .so's sha256 and path.
#
#   toolchain/build.sh programs/hmm
#   HMM_SO_DIR=target/bench toolchain/build.sh programs/hmm --features bench
set -euo pipefail
[ $# -gt 0 ] && [ -e "$1/Cargo.toml" ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }

project=$(cd "$(dirname "$0")/.." && pwd)
manifest=$(cd "$1" && pwd)/Cargo.toml
shift
cd "$project"
out=${HMM_SO_DIR:-target/deploy}
mkdir -p "$out"
toolchain=$(toolchain/install.sh)

if [ "$toolchain" = official ]; then
  cargo build-sbf --manifest-path "$manifest" --sbf-out-dir "$out" -- --locked "$@" >&2
else
  CARGO_TARGET_DIR=target/sbpf "$toolchain/bin/cargo-sbpf" build --release --locked --manifest-path "$manifest" "$@" >&2
fi
name=$(cargo metadata --no-deps --format-version 1 --manifest-path "$manifest" | python3 -c '
import json, sys
wanted = sys.argv[1]
print(*(t["name"] for p in json.load(sys.stdin)["packages"] if p["manifest_path"] == wanted for t in p["targets"] if "cdylib" in t["kind"]))
' "$manifest")
if [ "$toolchain" != official ]; then
  cp "target/sbpf/sbpf-solana/release/lib$name.so" "$out/$name.so.$$"
  mv "$out/$name.so.$$" "$out/$name.so" # readers never see half of it
fi
# What it was built by, for whoever compares figures of the result.
if [ "$toolchain" = official ]; then
  cargo build-sbf --version
else
  awk '/^rustc / || ($1 == "deb" && $3 ~ /^(rust-web-src|libllvm22|libllvm23)$/) { print ($1 == "deb" ? $3 " " $4 : $0) }' "$toolchain/manifest"
fi >"$out/$name.toolchain"
sha256sum "$out/$name.so"
