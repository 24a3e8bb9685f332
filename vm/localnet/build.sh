#!/usr/bin/env bash
# build.sh: puts the local network's binary at vm/localnet/target/release/hmm-localnet, where the tests look for it.
#
# It takes ten minutes to build, so every build is kept in the user's cache under the hash of what it was built from, and a fresh
# clone takes it from there. What is in the cache counts only if it runs.
set -euo pipefail

cd "$(dirname "$0")"
inputs=$(find Cargo.toml Cargo.lock src -type f | LC_ALL=C sort)
hash=$(xargs sha256sum <<<"$inputs" | sha256sum | cut -c 1-32)
cached=${HMM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hmm}/localnet/$hash/hmm-localnet
built=target/release/hmm-localnet
version="hmm-localnet $(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)"

runs() { [ -x "$1" ] && [ "$("$1" --version 2>/dev/null)" = "$version" ]; }

# Readers never see half of it.
put() {
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.$$"
  mv "$2.$$" "$2"
}

if ! runs "$cached"; then
  echo "building the local network: about ten minutes, once" >&2
  cargo build --release --locked --target-dir target
  runs "$built" || { echo "$built does not run" >&2; exit 1; }
  put "$built" "$cached"
fi
cmp --silent "$cached" "$built" || put "$cached" "$built"
