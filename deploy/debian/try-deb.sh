#!/usr/bin/env bash
# Installs a package in a Debian root, starts issuer, auditor and proxy as their units say, uses them, reloads, stops and purges them.
# As root: deploy/debian/try-deb.sh DEB ROOT      ROOT: made by debootstrap, with libssl3 and ca-certificates; it is left as it was.
# In namespaces of its own: no port, process or mount of the machine is touched.
set -euo pipefail
if [ "${1:-}" != --inside ]; then
  deb=$(realpath "$1") root=$(realpath "$2")
  exec unshare --mount --net --pid --fork --kill-child --mount-proc "$0" --inside "$deb" "$root"
fi
deb=$2 root=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf -- '-- %s\n' "$*"; }
fail() { printf 'try-deb.sh: %s\n' "$*" >&2; cat "$work"/*.err >&2 2>/dev/null || true; exit 1; }
in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
ip link set lo up
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"

say "install"
cp "$deb" "$root/tmp/package.deb"
in_root dpkg -i /tmp/package.deb > "$work/dpkg.err" 2>&1 || fail "dpkg -i"
for user in privacy-proxy privacy-issuer privacy-auditor; do in_root getent passwd "$user" > /dev/null || fail "no user $user"; done
[ "$(stat -c %a "$root/etc/privacy-proxy/credentials")" = 700 ] || fail "others see the credentials"

# What the unit says, as systemd would do it.
start() {
  local unit=$root/usr/lib/systemd/system/$1.service user command state
  user=$(sed -n 's/^User=//p' "$unit") command=$(sed -n 's/^ExecStart=//p' "$unit") state=/var/lib/$(sed -n 's/^StateDirectory=//p' "$unit")
  in_root install -d -o "$user" -g "$user" -m 0700 "$state"
  # shellcheck disable=SC2086
  (cd / && exec setsid chroot --userspec="$user:$user" "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME="$state" $command) > "$work/$1.out" 2> "$work/$1.err" &
  echo $! > "$work/$1.pid"
  for _ in $(seq 600); do
    grep -q '^ready ' "$work/$1.out" && return
    kill -0 "$(cat "$work/$1.pid")" 2> /dev/null || fail "$1 ended"
    sleep 0.1
  done
  fail "$1 is not ready"
}

say "start"
# For this try the destination is this machine.
sed -i 's/"Name": "127.0.0.1:8443",/"Name": "127.0.0.1:8443", "Egress": { "AllowPrivate": true, "AllowedPorts": "8000" },/' "$root/etc/privacy-proxy/proxy.json"
start privacy-issuer
# As docs/auditing.md says: the key that the issuer's start told goes into the auditor's settings.
for _ in $(seq 100); do log_key=$(sed -n 's/.*Its key log is checked with: //p' "$work/privacy-issuer.err" | head -n 1); [ -z "$log_key" ] || break; sleep 0.1; done
[ -n "$log_key" ] || fail "the issuer told no key of its log"
sed -i "s|LOG_KEY|$log_key|" "$root/etc/privacy-proxy/auditor.json"
start privacy-auditor
start privacy-proxy
for _ in $(seq 100); do in_root privacy-proxy health --ready > "$work/health.out" 2>&1 && break; sleep 0.1; done
[ "$(cat "$work/health.out")" = ready ] || fail "health: $(cat "$work/health.out")"

say "use"
mkdir "$work/site" && echo "through the tunnel" > "$work/site/page"
python3 -m http.server --bind 127.0.0.1 --directory "$work/site" 8000 > /dev/null 2> "$work/origin.err" &
for _ in $(seq 600); do curl --silent --output /dev/null http://127.0.0.1:8000/page && break; sleep 0.1; done
cp "$root/var/lib/privacy-proxy/ca.pem" "$root/tmp/ca.pem"
token=$(in_root privacy-proxy token request --issuer http://127.0.0.1:8090 --proxy https://127.0.0.1:8443 --proxy-ca /tmp/ca.pem --count 1) || fail "no token"
get() { curl --silent --show-error --max-time 30 --retry 5 --retry-connrefused --proxytunnel --proxy https://127.0.0.1:8443 --proxy-cacert "$root/tmp/ca.pem" --proxy-header "Proxy-Authorization: PrivateToken token=\"$token\"" "$@" http://127.0.0.1:8000/page; }
[ "$(get)" = "through the tunnel" ] || fail "nothing came through"
[ "$(get -o /dev/null -w '%{http_connect}' || true)" = 407 ] || fail "a token was taken twice"

say "the auditor has a copy of the issuer's log"
for _ in $(seq 100); do curl --silent http://127.0.0.1:8091/metrics | grep -q '^privacy_auditor_log_size{issuer="127.0.0.1:8090"} [1-9]' && seen=yes && break; sleep 0.1; done
[ "${seen:-}" = yes ] || fail "the auditor has seen nothing"
[ "$(curl --silent http://127.0.0.1:8091/findings)" = "[]" ] || fail "the auditor found: $(curl --silent http://127.0.0.1:8091/findings)"
kill -HUP "$(cat "$work/privacy-auditor.pid")"
for _ in $(seq 100); do grep -q 'Asked to read settings' "$work/privacy-auditor.err" && break; sleep 0.1; done
grep -q 'Asked to read settings' "$work/privacy-auditor.err" || fail "SIGHUP was not heard by the auditor"

say "reload, restart, and the token is still spent"
sed -i 's/"AllowedPorts": "8000"/"AllowedPorts": "8000,8001"/' "$root/etc/privacy-proxy/proxy.json"
kill -HUP "$(cat "$work/privacy-proxy.pid")"
for _ in $(seq 100); do grep -q 'Configuration reloaded' "$work/privacy-proxy.err" && break; sleep 0.1; done
grep -q 'Configuration reloaded' "$work/privacy-proxy.err" || fail "SIGHUP was not heard"
kill -TERM "$(cat "$work/privacy-proxy.pid")"
wait "$(cat "$work/privacy-proxy.pid")" || fail "exit code $? after SIGTERM"
start privacy-proxy
for _ in $(seq 100); do in_root privacy-proxy health --ready > /dev/null 2>&1 && break; sleep 0.1; done
[ "$(get -o /dev/null -w '%{http_connect}' || true)" = 407 ] || fail "a token was taken again after a restart"

say "stop and purge"
for unit in privacy-proxy privacy-auditor privacy-issuer; do
  kill -TERM "$(cat "$work/$unit.pid")"
  wait "$(cat "$work/$unit.pid")" || fail "$unit: exit code $?"
done
in_root dpkg --purge privacy-proxy > "$work/dpkg.err" 2>&1 || fail "dpkg --purge"
for left in /etc/privacy-proxy /var/lib/privacy-proxy /var/lib/privacy-issuer /var/lib/privacy-auditor /usr/lib/privacy-proxy /usr/bin/privacy-proxy; do
  [ ! -e "$root$left" ] || fail "$left is left"
done
for user in privacy-proxy privacy-issuer privacy-auditor; do if in_root getent passwd "$user" > /dev/null; then fail "user $user is left"; fi; done
say "done"
