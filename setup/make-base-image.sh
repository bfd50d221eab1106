#!/bin/sh
# Makes the file system of a small Debian image without a registry, from the Debian mirror that this host itself uses:
#
#   setup/make-base-image.sh trixie base.tar [MIRROR [SECURITY-MIRROR]]
#   docker import base.tar debian:trixie-slim
#
# The image's own apt sources name the same mirrors. MIRROR has to be given on a host that is not Debian. Needs root or user
# namespaces, and mmdebstrap (apt-get install mmdebstrap). `npm start` runs it where the image is missing and cannot be pulled.
set -eu
if [ $# -lt 2 ]; then
  echo "usage: $0 SUITE FILE.tar [MIRROR [SECURITY-MIRROR]]" >&2
  exit 2
fi
suite=$1 file=$2 mirror=${3-} security=${4-}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

command -v mmdebstrap >/dev/null || { echo "mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 1; }
[ -r "$keyring" ] || { echo "$keyring is missing: apt-get install debian-archive-keyring" >&2; exit 1; }

if [ -z "$mirror" ]; then
  . /etc/os-release
  if [ "$ID" != debian ]; then
    echo "this host is $ID, not debian: name a Debian mirror as the third argument" >&2
    exit 1
  fi
  site() { # the address of the first source whose release is $1
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v release="$1" '$2 == release { print $1; exit }'
  }
  mirror=$(site "$VERSION_CODENAME")
  if [ -z "$mirror" ]; then # apt tells its sources only once it has read them
    apt-get update -q
    mirror=$(site "$VERSION_CODENAME")
  fi
  security=$(site "$VERSION_CODENAME-security")
  if [ -z "$mirror" ]; then
    echo "apt's sources name no mirror of $VERSION_CODENAME: name a Debian mirror as the third argument" >&2
    exit 1
  fi
fi

set -- "deb [signed-by=$keyring] $mirror $suite main" "deb [signed-by=$keyring] $mirror $suite-updates main"
[ -z "$security" ] || set -- "$@" "deb [signed-by=$keyring] $security $suite-security main"
include=debian-archive-keyring
case "$mirror$security" in *https:*) include=$include,ca-certificates ;; esac

# How apt reaches its mirrors here (proxy, certificates) and what it accepts of them holds inside the image too.
options=$(mktemp)
trap 'rm -f "$options"' EXIT
apt-config dump | grep -E '^Acquire::(https?::(Proxy|Proxy-Auto-Detect)|Check-(Valid-Until|Date)) ' >"$options" || true

mmdebstrap --variant=minbase --format=tar --include="$include" --aptopt="$options" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  "$suite" "$file" "$@"
