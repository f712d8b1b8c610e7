#!/usr/bin/env bash
# fuzz.sh TARGET [SECONDS]   runs afl-fuzz on one target (one of those in corpus/) and prints what it did; findings in artifacts/fuzz/TARGET.
# Needs afl++ (Debian) and SharpFuzz.CommandLine, which it installs beside the build. corpus/TARGET is where it begins.
set -euo pipefail
cd "$(dirname "$0")"
target=${1:?TARGET} seconds=${2:-600}
work=../../artifacts/fuzz; mkdir -p "$work"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -x "$work/tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$work/tools" >/dev/null
[ -f "$work/bin/Tunneling.Fuzz.dll" ] || {
  dotnet publish Tunneling.Fuzz.csproj -c Release -v quiet -clp:ErrorsOnly -o "$work/bin" >/dev/null
  for library in Tunneling privacy-proxy PrivacyRelay PrivacyPass PrivacyPass.SpentTokens Masque TransparencyLog; do "$work/tools/sharpfuzz" "$work/bin/$library.dll"; done
}
AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
  timeout -s INT "$seconds" afl-fuzz -i "corpus/$target" -o "$work/$target" -t 10000 -m none -- \
  dotnet "$work/bin/Tunneling.Fuzz.dll" "$target" afl >"$work/$target.log" 2>&1 || true
grep -E "^(execs_done|execs_per_sec|corpus_count|saved_crashes|saved_hangs|run_time)" "$work/$target/default/fuzzer_stats"
