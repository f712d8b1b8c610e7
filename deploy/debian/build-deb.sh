#!/usr/bin/env bash
# Makes privacy-proxy_VERSION_ARCH.deb of a program that deploy/publish.sh made, with dpkg-deb alone.
# Usage: deploy/debian/build-deb.sh [ARCH [PROGRAM_FOLDER [OUT]]]     ARCH: amd64 (default) or arm64
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
arch=${1:-amd64}
case $arch in amd64) rid=linux-x64 ;; arm64) rid=linux-arm64 ;; *) echo "build-deb.sh: $arch is neither amd64 nor arm64" >&2; exit 2 ;; esac
program=${2:-$root/artifacts/$rid}
out=${3:-$root/artifacts}
[ -f "$program/privacy-proxy" ] || { echo "build-deb.sh: no program in $program: deploy/publish.sh $rid makes it" >&2; exit 1; }
# The one place of the version; dev sorts before the release.
version=$(sed -n 's/.*<VersionPrefix>\(.*\)<\/VersionPrefix>.*/\1/p' "$root/Directory.Build.props")
[ "${RELEASE:-false}" = true ] || version="$version~dev"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
install -d "$tree"/{DEBIAN,usr/bin,usr/lib/privacy-proxy,usr/lib/systemd/system,usr/share/doc/privacy-proxy,etc/privacy-proxy,etc/privacy-proxy/tls}
install -d -m 0700 "$tree"/etc/privacy-proxy/credentials{,/proxy,/issuer,/attester}
install -m 0755 "$program/privacy-proxy" "$tree/usr/lib/privacy-proxy/privacy-proxy"
install -m 0644 "$program/libe_sqlite3.so" "$tree/usr/lib/privacy-proxy/libe_sqlite3.so"
ln -s ../lib/privacy-proxy/privacy-proxy "$tree/usr/bin/privacy-proxy"
install -m 0755 "$here/certbot-hook" "$tree/usr/lib/privacy-proxy/certbot-hook"
install -m 0644 "$here"/privacy-{proxy,issuer,attester,auditor}.service "$tree/usr/lib/systemd/system/"
install -m 0644 "$here/privacy-proxy.socket" "$tree/usr/lib/systemd/system/"
install -m 0644 "$here"/{proxy,issuer,attester,auditor}.json "$tree/etc/privacy-proxy/"
install -m 0644 "$root"/docs/{quickstart,operators,operations,issuers,auditing,security,spent-tokens,egress}.md "$tree/usr/share/doc/privacy-proxy/"
install -m 0644 "$root/LICENSE" "$tree/usr/share/doc/privacy-proxy/copyright"
install -m 0755 "$here"/{postinst,prerm,postrm} "$tree/DEBIAN/"
printf '/etc/privacy-proxy/%s.json\n' proxy issuer attester auditor > "$tree/DEBIAN/conffiles"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: privacy-proxy
Version: $version
Architecture: $arch
Maintainer: PrivacyProxy contributors <maintainers@privacy-proxy.invalid>
Section: net
Priority: optional
Installed-Size: $(du -sk "$tree/usr" | cut -f1)
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6, libssl3 | libssl3t64, ca-certificates, passwd
Recommends: libmsquic
Description: privacy proxy whose tunnels are paid with Privacy Pass tokens
 A forward proxy (CONNECT, connect-udp, connect-tcp over HTTP/1.1, 2 and 3),
 the issuer that signs tokens blindly, the attester that decides who gets
 them, the auditor of the issuer's keys, and the client that any browser can
 use.
 libmsquic, from Microsoft's package feed, turns HTTP/3 on.
CONTROL
install -d "$out"
deb="$out/privacy-proxy_${version}_$arch.deb"
# Quick to make: the program hardly shrinks more.
dpkg-deb --root-owner-group -Zgzip -z3 --build "$tree" "$deb" > /dev/null
echo "$deb"
