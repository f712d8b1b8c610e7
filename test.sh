#!/usr/bin/env bash
# Installs what the tests need where it is missing, builds, runs every test project, and ends with one line of totals.
# Usage: ./test.sh [PROJECT-NAME-PART...]     e.g. ./test.sh PrivacyPass.Tests interop
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

say() { printf '== %s\n' "$*"; }
fail() { printf 'test.sh: %s\n' "$*" >&2; printf '0 passed, 1 failed, 0 skipped\n'; exit 1; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed: 'dotnet' is not on PATH"

# Debian packages: program -> package.
declare -A need=([memcached]=memcached [curl]=curl [openssl]=openssl [chromium]=chromium [node]=nodejs [npm]=npm [promtool]=prometheus)
missing=()
for program in "${!need[@]}"; do
  command -v "$program" >/dev/null || missing+=("${need[$program]}")
done
if ((${#missing[@]})); then
  as_root=""
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && as_root=sudo; }
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
    say "installing ${missing[*]}"
    $as_root apt-get update -qq >"$log/apt" 2>&1 &&
      DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log/apt" 2>&1 ||
      { tail -5 "$log/apt" >&2; say "could not install all of them; the tests that need them report themselves as skipped"; }
  else
    say "not installed: ${missing[*]} (no root here); the tests that need them report themselves as skipped"
  fi
fi

# Debian sid's curl (HTTP/2 to proxies, connect-udp), aioquic and memcached (its proxy), unpacked beside the tree, not installed.
if { [ ! -x .tools/sid/bin/curl8 ] || [ ! -x .tools/sid/bin/memcached8 ]; } && [ -f /etc/debian_version ]; then
  say "unpacking newer programs from Debian sid into .tools/sid"
  tests/tools/sid-clients.sh .tools/sid >"$log/sid" 2>&1 ||
    { tail -3 "$log/sid" >&2; [ -x .tools/sid/bin/curl8 ] || rm -rf .tools/sid; say "not to be had; the tests that need them report themselves as skipped"; }
fi
if [ -x .tools/sid/bin/curl8 ]; then
  export CURL8="$PWD/.tools/sid/bin/curl8" SIDPY="$PWD/.tools/sid/bin/sidpy"
fi

# The reference implementation in TypeScript, for interop tests.
if command -v npm >/dev/null && [ -f tests/interop/package.json ] && [ ! -d tests/interop/node_modules/@cloudflare ]; then
  say "npm ci in tests/interop"
  npm ci --prefix tests/interop --no-audit --no-fund --silent >"$log/npm" 2>&1 ||
    { tail -5 "$log/npm" >&2; say "npm ci failed; the interop tests report themselves as skipped"; }
fi

say "building"
dotnet build PrivacyProxy.sln -c Release -v quiet -clp:ErrorsOnly >"$log/build" 2>&1 || { tail -30 "$log/build" >&2; fail "the build failed"; }

passed=0 failed=0 skipped=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  if (($#)); then
    wanted=""
    for part in "$@"; do [[ "$project" == *"$part"* ]] && wanted=1; done
    [ -n "$wanted" ] || continue
  fi
  say "$name"
  timeout 1800 dotnet test "$project" -c Release --no-build --logger "console;verbosity=normal" >"$log/$name" 2>&1
  code=$?
  grep -E '^ +(Failed|Skipped) |^\[xUnit.net.*\[(FAIL|SKIP)\]' "$log/$name" | sed -E 's/^\[xUnit.net [0-9:.]+\] +//' | sort -u | head -60
  p=$(grep -oE '^ +Passed: +[0-9]+' "$log/$name" | grep -oE '[0-9]+' | tail -1)
  f=$(grep -oE '^ +Failed: +[0-9]+' "$log/$name" | grep -oE '[0-9]+' | tail -1)
  s=$(grep -oE '^ +Skipped: +[0-9]+' "$log/$name" | grep -oE '[0-9]+' | tail -1)
  p=${p:-0} f=${f:-0} s=${s:-0}
  if ((code != 0)); then
    # A crash, a time-out or a run without any test counts as a failure of its own.
    ((f > 0)) || f=1
    grep -A25 -E '^ +Failed ' "$log/$name" | head -200
    tail -15 "$log/$name"
  fi
  printf '   %s: %s passed, %s failed, %s skipped\n' "$name" "$p" "$f" "$s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
((failed == 0 && passed > 0))
