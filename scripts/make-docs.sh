#!/usr/bin/env bash
# Makes the documentation as one site in .build-docs/site: the Markdown files, the references of Python and C, and by DocC
# that of Swift, which a browser shows only through a server. Every link is checked. --no-build takes what
# scripts/build-static.sh has made before.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "${1:-}" = --no-build ] || scripts/build-static.sh
build=.build-static
site=.build-docs/site
[ -x .build-docs/venv/bin/pip ] || python3 -m venv .build-docs/venv || {
    echo "Please install Python 3 with its module venv (Debian: python3-venv)" >&2
    rm -rf .build-docs/venv
    exit 1
}
.build-docs/venv/bin/pip install --quiet markdown==3.11.3 latex2mathml==3.81.1 numpy
rm -rf "$site"
mkdir -p "$site"

# Both are in the toolchain.
tools=$(dirname "$(readlink -f "$(command -v docc)")")
maps=()
for map in "$build"/release/*/module.modulemap Sources/C*/module.modulemap "$build"/checkouts/*/Sources/*/include/module.modulemap; do
    case $map in */CMPI/*) ;; *) maps+=(-Xcc "-fmodule-map-file=$map") ;; esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archives=()
for module in $(sed -nE 's/^ *\.library\(name: "([A-Za-z0-9]+)".*/\1/p' Package.swift); do
    [ "$module" != CInterface ] || continue
    mkdir "$work/$module"
    "$tools/swift-symbolgraph-extract" -module-name "$module" -target "$(uname -m)-unknown-linux-gnu" \
        -I "$build/release/Modules" "${maps[@]}" -output-dir "$work/$module" -minimum-access-level public
    "$tools/docc" convert --additional-symbol-graph-dir "$work/$module" --fallback-display-name "$module" \
        --fallback-bundle-identifier "vqw2v.$module" --transform-for-static-hosting --hosting-base-path swift \
        --output-path "$work/$module.doccarchive" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    archives+=("$work/$module.doccarchive")
done
"$tools/docc" merge "${archives[@]}" --synthesized-landing-page-name vqw2v --synthesized-landing-page-kind Package \
    --output-path "$site/swift" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }

PYTHONPATH=Python VQW2V_LIBRARY=$PWD/$build/stage/lib/libvqw2v.so.0 .build-docs/venv/bin/python scripts/site/make.py "$site"
echo "the site is in $site: open index.html, or for the Swift reference too: python3 -m http.server --directory $site" >&2
