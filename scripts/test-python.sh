#!/usr/bin/env bash
# Tests the wheel of dist/ in a fresh virtual environment of every Python from 3.9 on that is at hand: on the PATH, or under
# ~/.pyenv. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
wheel=$(ls dist/vqw2v-*.whl 2>/dev/null || true)
[ -n "$wheel" ] || { echo "There is no wheel in dist/: run make wheel" >&2; exit 1; }
tested=""
for python in $(for minor in 9 10 11 12 13 14; do command -v "python3.$minor" || true; done) \
    "$HOME"/.pyenv/versions/3.*/bin/python3 "$(command -v python3 || true)"; do
    version=$("$python" -c 'import sys; print("3.%d" % sys.version_info[1])' 2>/dev/null) || continue
    case " $tested 3.6 3.7 3.8 " in *" $version "*) continue ;; esac
    environment=$(mktemp -d)
    trap 'rm -rf "$environment"' EXIT
    "$python" -m venv "$environment"
    "$environment/bin/pip" install --quiet pytest threadpoolctl "$wheel"
    echo "Python $version" >&2
    # Not the sources of the package, nor another library or program than those of the wheel.
    env -u PYTHONPATH -u VQW2V_LIBRARY -u VQW2V PATH="$environment/bin:$PATH" \
        "$environment/bin/python" -m pytest -q -p no:cacheprovider Tests/Python "$@"
    rm -rf "$environment"
    tested="$tested $version"
done
[ -n "$tested" ] || { echo "Please install Python 3.9 or newer with its module venv (Debian: python3-venv)" >&2; exit 1; }
echo "the wheel passes in Python$tested" >&2
