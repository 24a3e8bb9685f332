#!/usr/bin/env bash
# build-wasm.sh PACKAGE OUT.wasm [cargo arguments]: builds a cdylib package of the root workspace for wasm32-unknown-unknown.
# With rustup's own wasm target where it is installed, otherwise with Debian's rustc (install.sh) and a std built from source.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2; }

package=$1 out=$(realpath -m "$2")
shift 2
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=target/wasm
target=wasm32-unknown-unknown
sysroot=$(rustc --print sysroot)
arguments=(build --release --locked --package "$package" --target "$target" "$@")

if [ -d "$sysroot/lib/rustlib/$target" ]; then
  cargo "${arguments[@]}" >&2
else
  toolchain=$(HMM_SBPF=registry toolchain/install.sh)
  lld=$sysroot/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
  [ -x "$lld" ] || { echo "toolchain: $lld is missing: rustc is not rustup's, or too old" >&2; exit 1; }
  us=$'\037'
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$lld
  export CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$toolchain=/toolchain${us}--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo${us}--remap-path-prefix=$PWD=/project"
  "$toolchain/bin/cargo-registry" "${arguments[@]}" -Zbuild-std=std,panic_abort >&2
fi
mkdir -p "$(dirname "$out")"
wasm=$CARGO_TARGET_DIR/$target/release/${package//-/_}.wasm
cp "$wasm" "$out.$$"
mv "$out.$$" "$out"
sha256sum "$out"
