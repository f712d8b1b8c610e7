#!/usr/bin/env bash
# Measures the product beside other proxies, in turn, and prints the tables of docs/benchmarks.md.
# Usage: loadtests/compare.sh [--no-build] [options of the scenario "rivals": --rounds 5 --scale 0.5 --only native,haproxy --work h2
#        --minutes 20 --json FILE --html FILE ...; --help lists them]
# Ours are both engines, each with a token verified and spent on a memcached of its own for every tunnel; the others check nothing.
# What is not installed is skipped, by name: apt-get install memcached haproxy squid nghttp2-proxy golang nodejs
# H2O=/path/to/h2o (or --h2o): one that knows proxy.connect, which Debian's does not.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PATH="$PATH:/usr/sbin:/sbin"

build=1
if [ "${1:-}" = --no-build ]; then build=; shift; fi
if [ -n "$build" ]; then dotnet build loadtests/PrivacyProxy.LoadTests -c Release -v quiet -clp:ErrorsOnly >&2; fi

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
go=()
only=
for word; do [ "$only" = next ] && only=$word; [ "$word" = --only ] && only=next; done
if command -v go >/dev/null && [[ -z "$only" || ",$only," == *,go,* ]]; then
  # Nothing but the standard library, and nothing fetched.
  GO111MODULE=off GOFLAGS= go build -o "$built/go-proxy" loadtests/rivals/proxy.go && go=(--go "$built/go-proxy")
fi

dotnet loadtests/PrivacyProxy.LoadTests/bin/Release/net10.0/PrivacyProxy.LoadTests.dll rivals "${go[@]}" "$@"
