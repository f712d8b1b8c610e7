#!/usr/bin/env bash
# Builds the image with podman, with a Debian root in place of the images of registries and a program that is there already, and runs
# the demo's walk in it: read-only, without a capability, without a network, as nobody.
# As root: deploy/try-image.sh PROGRAM ROOT      PROGRAM: made by deploy/publish.sh; ROOT: made by debootstrap, with libssl3 and ca-certificates.
set -euo pipefail
program=$(realpath "$1") root=$(realpath "$2")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
pod() { podman --root "$work/storage" --runroot "$work/run" --storage-driver=vfs "$@"; }
trap 'rm -rf "$work"' EXIT
say() { printf -- '-- %s\n' "$*"; }

say "the image that stands for the registry's"
tar -C "$root" --exclude=./var/cache --exclude=./var/lib/apt --exclude=./usr/share -c . | pod import --quiet - localhost/root:latest > /dev/null
mkdir -p "$work/quic/quic" "$work/program"
touch "$work/quic/quic/none"          # Microsoft's feed is not reached: no libmsquic, so HTTP/3 is off here
cp -r "$program" "$work/program/program"

say "build"
pod build --quiet --isolation=chroot --format docker -f deploy/Dockerfile -t localhost/privacy-proxy:try \
  --build-arg RUNTIME_IMAGE=localhost/root:latest \
  --build-context "program=$work/program" --build-context "quic=$work/quic" . > /dev/null
pod image inspect --format '{{.Config.User}} {{json .Config.Entrypoint}} {{json .HealthCheck.Test}} {{index .Config.Labels "org.opencontainers.image.title"}}' localhost/privacy-proxy:try

run() { pod run --rm --no-healthcheck --runtime runc --network=none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --read-only --cap-drop=all --security-opt no-new-privileges "$@"; }
say "the demo's walk"
run localhost/privacy-proxy:try demo --once
say "the health check"
run --detach --name served localhost/privacy-proxy:try serve --psk k --data /tmp/data > /dev/null
trap 'pod rm --force --time 1 served > /dev/null 2>&1 || true; rm -rf "$work"' EXIT
for _ in $(seq 300); do pod exec served /app/privacy-proxy health --ready 2> /dev/null && break; sleep 0.2; done
pod exec served /app/privacy-proxy health
pod stop --time 30 served > /dev/null
say "its root is read-only, and it is nobody"
run --entrypoint /bin/sh localhost/privacy-proxy:try -c 'id -u; ! touch /app/x 2> /dev/null && grep CapEff /proc/self/status'
say "done"
