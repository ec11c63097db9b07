#!/bin/sh
# Usage: unpack-package.sh PACKAGE FOLDER
#
# Downloads a Debian package and unpacks it into FOLDER. Nothing is installed and root is not needed.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 PACKAGE FOLDER" >&2
    exit 2
fi
package=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)

for tool in apt-get dpkg-deb; do
    if ! command -v "$tool" >/dev/null; then
        echo "$0: $tool not found: the recordings come in Debian packages, use a Debian or Ubuntu system" >&2
        exit 1
    fi
done

download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
trap 'exit 1' HUP INT TERM
echo "downloading the Debian package $package"
# Root's downloads are not handed to apt's own user, who could not write into this folder.
if ! (cd "$download" && apt-get download -qq -o APT::Sandbox::User=root "$package"); then
    echo "$0: cannot download $package: refresh the package lists with 'apt-get update' (as root)" >&2
    echo "and check that the network is up and that apt's sources name the distribution's main section" >&2
    echo "(Ubuntu: universe)" >&2
    exit 1
fi
dpkg-deb -x "$download"/*.deb "$folder"
