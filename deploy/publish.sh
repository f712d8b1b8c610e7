#!/usr/bin/env bash
# Makes programs that need no .NET on the machine: OUT/privacy-proxy and beside it libe_sqlite3.so (for the Sqlite store).
# Usage: deploy/publish.sh [RID [OUT]]     RID: linux-x64 (default) or linux-arm64; OUT: artifacts/RID by default.
#        deploy/publish.sh tool [OUT]      the `dotnet tool` package instead
# RELEASE=true makes the version of the release, without "-dev".
set -euo pipefail
cd "$(dirname "$0")/.."
rid=${1:-linux-x64}
out=${2:-artifacts/$rid}
case $rid in
  linux-x64 | linux-arm64)
    rm -rf "$out"
    dotnet publish src/PrivacyProxy -c Release -r "$rid" -o "$out" -v quiet -clp:ErrorsOnly -p:Release="${RELEASE:-false}"
    ls -l "$out"
    ;;
  tool)
    dotnet pack src/PrivacyProxy -c Release -o "$out" -v quiet -clp:ErrorsOnly -p:Release="${RELEASE:-false}"
    ls -l "$out"
    ;;
  *)
    echo "publish.sh: $rid is neither linux-x64 nor linux-arm64 nor tool" >&2
    exit 2
    ;;
esac
