#!/usr/bin/env bash
# Installs what the tests need where it is missing, builds, runs every test project, and ends with one line of totals.
# Usage: ./test.sh [PROJECT-NAME-PART...]     e.g. ./test.sh PrivacyPass.Tests interop
# HANG_MINUTES: a project in which no test starts or ends for so long is ended, and the tests that hung are named.
# SUITE_MINUTES: no more than this for all of it.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Programs live for seconds here: what their compiler would measure, or compile once more for code that runs 30 times, pays for nothing.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=0x7D0
: "${HANG_MINUTES:=4}" "${SUITE_MINUTES:=25}"
log=$(mktemp -d)
chmod 755 "$log"   # the program in it is started by other users too
trap 'rm -rf "$log"' EXIT

say() { printf '== %s\n' "$*"; }
fail() { printf 'test.sh: %s\n' "$*" >&2; printf '0 passed, 1 failed, 0 skipped\n'; exit 1; }
unescape() { sed -e 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'; }
left() { echo $((SUITE_MINUTES * 60 - SECONDS)); }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is needed: 'dotnet' is not on PATH"
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"   # where Debian keeps haproxy and nutcracker

# Debian packages: program -> package.
declare -A need=([memcached]=memcached [curl]=curl [openssl]=openssl [chromium]=chromium [node]=nodejs [npm]=npm [promtool]=prometheus
  [nutcracker]=nutcracker [haproxy]=haproxy [faketime]=faketime [strace]=strace [h2load]=nghttp2-client
  [wget]=wget [git]=git [squid]=squid)
missing=()
for program in "${!need[@]}"; do
  command -v "$program" >/dev/null || missing+=("${need[$program]}")
done
# A module, of the python that Debian's packages are for.
[ -x /usr/bin/python3 ] && ! /usr/bin/python3 -c 'import h2' 2>/dev/null && missing+=(python3-h2)
[ -x /usr/bin/python3 ] && ! /usr/bin/python3 -c 'import requests' 2>/dev/null && missing+=(python3-requests)
if ((${#missing[@]})); then
  as_root=""
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && as_root=sudo; }
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
    install() { DEBIAN_FRONTEND=noninteractive timeout 600 $as_root apt-get install -y -qq --no-install-recommends "$@" >>"$log/apt" 2>&1; }
    say "installing ${missing[*]}"
    timeout 300 $as_root apt-get update -qq >"$log/apt" 2>&1
    # All at once is quick; where that fails, one by one, so that one that cannot be had costs only itself.
    if ! install "${missing[@]}"; then
      for package in "${missing[@]}"; do
        install "$package" || { tail -3 "$log/apt" >&2; say "could not install $package; the tests that need it report themselves as skipped"; }
      done
    fi
  else
    say "not installed: ${missing[*]} (no root here); the tests that need them report themselves as skipped"
  fi
fi

# Debian sid's curl (HTTP/2 to proxies, connect-udp), aioquic and memcached (its proxy), unpacked beside the tree, not installed.
if { [ ! -x .tools/sid/bin/curl8 ] || [ ! -x .tools/sid/bin/memcached8 ] || [ ! -x .tools/sid/bin/kubectl8 ]; } && [ -f /etc/debian_version ]; then
  say "unpacking newer programs from Debian sid into .tools/sid"
  timeout 600 tests/tools/sid-clients.sh .tools/sid >"$log/sid" 2>&1 ||
    { tail -3 "$log/sid" >&2; [ -x .tools/sid/bin/curl8 ] || rm -rf .tools/sid; say "not to be had; the tests that need them report themselves as skipped"; }
fi
if [ -x .tools/sid/bin/curl8 ]; then
  export CURL8="$PWD/.tools/sid/bin/curl8" SIDPY="$PWD/.tools/sid/bin/sidpy"
fi

# The reference implementation in TypeScript, for interop tests.
if command -v npm >/dev/null && [ -f tests/interop/package.json ] && [ ! -d tests/interop/node_modules/undici ]; then
  say "npm ci in tests/interop"
  timeout 300 npm ci --prefix tests/interop --no-audit --no-fund --silent >"$log/npm" 2>&1 ||
    { tail -5 "$log/npm" >&2; say "npm ci failed; the interop tests report themselves as skipped"; }
fi

# What comes from elsewhere and may be another one tomorrow.
version() {
  local found
  found=$("${@:2}" 2>&1 </dev/null | grep -oE '[0-9]+\.[0-9][0-9A-Za-z.+~_-]*' | head -n 1)
  printf '   %-14s %s\n' "$1" "${found:-not here}"
}
say "tested with"
version debian cat /etc/debian_version
version kernel uname -r
version dotnet dotnet --version
version memcached memcached -V
version curl curl --version
version openssl openssl version
version chromium chromium --version
version node node --version
version npm npm --version
version promtool promtool --version
version nutcracker nutcracker -V
version haproxy haproxy -v
version faketime faketime --version
version strace strace -V
version h2load h2load --version
version "sid curl" .tools/sid/bin/curl8 --version
version "sid aioquic" .tools/sid/bin/sidpy -c 'import aioquic; print(aioquic.__version__)'
version "sid memcached" .tools/sid/bin/memcached8 -V
version "sid kubectl" .tools/sid/bin/kubectl8 version --client

say "building"
# One compiler stays for all projects: where each starts its own, starting takes longer than compiling does.
compiler="privacy-proxy-$$"
trap 'rm -rf "$log"; pkill -f "VBCSCompiler.*-pipename:$compiler" || true' EXIT
timeout "$(left)" dotnet build PrivacyProxy.sln -c Release -v quiet -clp:ErrorsOnly -p:AnalyzeTests=false -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" >"$log/build" 2>&1 || { tail -30 "$log/build" >&2; fail "the build failed"; }

# The tests start the program hundreds of times: compiled ahead, as it is installed, each start costs a quarter less.
say "compiling the program ahead of time"
if timeout "$(left)" dotnet publish src/PrivacyProxy -c Release -r linux-x64 -o "$log/program" -v quiet -clp:ErrorsOnly -p:SelfContained=false -p:PublishSingleFile=false \
  -p:RunAnalyzers=false -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" >"$log/publish" 2>&1; then
  export PRIVACY_PROXY_ASSEMBLY="$log/program/privacy-proxy.dll"
else
  tail -3 "$log/publish" >&2
  say "not to be had; the tests start what was built"
fi

# One project; its numbers go to $log/NAME.numbers.
run() {
  local project=$1 name began=$SECONDS code p f s hung
  name=$(basename "$project" .csproj)
  if (($(left) <= 0)); then
    say "$name: not run, $SUITE_MINUTES minutes are over"
    echo "0 1 0" >"$log/$name.numbers"
    return
  fi
  timeout -k 20 "$(left)" dotnet test "$project" -c Release --no-build --logger "console;verbosity=normal" \
    --results-directory "$log/results/$name" --logger "trx;LogFileName=$name.trx" \
    --blame-hang-timeout "${HANG_MINUTES}m" --blame-hang-dump-type none >"$log/$name" 2>&1
  code=$?
  say "$name"
  grep -E '^ +(Failed|Skipped) |^\[xUnit.net.*\[(FAIL|SKIP)\]' "$log/$name" | sed -E 's/^\[xUnit.net [0-9:.]+\] +//' | sort -u | head -60
  p=$(grep -oE '^ +Passed: +[0-9]+' "$log/$name" | grep -oE '[0-9]+' | tail -1)
  f=$(grep -oE '^ +Failed: +[0-9]+' "$log/$name" | grep -oE '[0-9]+' | tail -1)
  s=$(grep -oE '^ +Skipped: +[0-9]+' "$log/$name" | grep -oE '[0-9]+' | tail -1)
  p=${p:-0} f=${f:-0} s=${s:-0}
  if ((code != 0)); then
    ((code != 124 && code != 137)) || say "$name: ended, $SUITE_MINUTES minutes are over"
    grep -A25 -E '^ +Failed ' "$log/$name" | head -200
    tail -15 "$log/$name"
    # What the watch over hangs has seen begin and not end: each is a failure too.
    hung=$(find "$log/results/$name" -name 'Sequence_*.xml' -exec grep -hE 'Completed="False"' {} + 2>/dev/null |
      sed -nE 's/.*Name="([^"]*)".*/\1/p' | unescape | sort -u)
    if [ -n "$hung" ]; then
      sed 's/^/   HUNG, or the process crashed in it: /' <<<"$hung"
      grep -q '^ *Total tests: Unknown' "$log/$name" && ((f += $(wc -l <<<"$hung")))
    fi
    # A crash, a time-out or a run without any test counts as a failure of its own.
    ((f > 0)) || f=1
  fi
  printf '   %s: %s passed, %s failed, %s skipped, %s s\n' "$name" "$p" "$f" "$s" "$((SECONDS - began))"
  echo "$p $f $s" >"$log/$name.numbers"
}

wanted() {
  grep -q '<IsTestProject>true' "$1" || return 1
  (($# > 1)) || return 0
  local part
  for part in "${@:2}"; do [[ "$1" == *"$part"* ]] && return 0; done
  return 1
}

# The longest, which mostly waits for programs, beside all the others, one after another.
longest=tests/PrivacyProxy.FunctionalTests/PrivacyProxy.FunctionalTests.csproj
beside=""
if wanted "$longest" "$@"; then
  run "$longest" >"$log/longest" 2>&1 &
  beside=$!
fi
for project in tests/*/*.csproj; do
  [ "$project" = "$longest" ] || ! wanted "$project" "$@" || run "$project"
done
if [ -n "$beside" ]; then
  wait "$beside"
  cat "$log/longest"
fi

passed=0 failed=0 skipped=0
while read -r p f s; do
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done < <(cat "$log"/*.numbers 2>/dev/null)

say "the ten slowest tests"
cat "$log"/results/*/*.trx 2>/dev/null | tr '\n' ' ' | grep -oE '<UnitTestResult [^>]*>' |
  sed -nE 's/.* testName="([^"]*)".* duration="([0-9]+):([0-9]+):([0-9.]+)".*/\2 \3 \4 \1/p' |
  awk '{ s = $1 * 3600 + $2 * 60 + $3; $1 = $2 = $3 = ""; printf "   %7.1f s %s\n", s, $0 }' |
  unescape | cut -c1-180 | sort -rn | head -10
say "all of it took $((SECONDS / 60)) min $((SECONDS % 60)) s"
printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
((failed == 0 && passed > 0))
