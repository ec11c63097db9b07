#!/usr/bin/env bash
# Makes dist/vqw2v-VERSION-py3-none-manylinux_…: the Python package with the library, the program, and the system's libraries
# that both need, for every Python from 3.9 on. The tools for it are installed into .wheel/.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(scripts/version.sh)
stage=.build-static/stage
[ "${1:-}" = --no-build ] || scripts/build-static.sh
scripts/install-wheel-tools.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r Python LICENSE "$work/"
native=$work/Python/vqw2v/native
mkdir "$native"
cp "$stage/lib/libvqw2v.so.$version" "$native/libvqw2v.so.0"
cp "$stage/bin/vqw2v" "$native/vqw2v"
cp LICENSE "$work/Python/"
(cd "$work/Python" && VQW2V_VERSION=$version "$OLDPWD/.wheel/bin/python" -m build --wheel --outdir "$work/plain" . >"$work/log" 2>&1) ||
    { cat "$work/log" >&2; exit 1; }
mkdir -p dist
rm -f dist/vqw2v-*.whl
PATH="$PWD/.wheel/bin:$PATH" .wheel/bin/auditwheel repair --strip --wheel-dir dist "$work"/plain/*.whl 2>"$work/log" >&2 ||
    { cat "$work/log" >&2; exit 1; }
ls -l dist/vqw2v-*.whl >&2
