#!/usr/bin/env bash
# Checks the files of vqw2v with the Python libraries that users read them with. The first run installs these
# into a virtual environment, .interop/ or what VQW2V_INTEROP names; arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
environment=${VQW2V_INTEROP:-.interop}

if [ ! -x "$environment/bin/pip" ]; then
    python3 -m venv "$environment" || {
        echo "Please install Python 3 with its module venv (Debian: python3-venv)" >&2
        rm -rf "$environment"
        exit 1
    }
fi
"$environment/bin/pip" install --quiet --requirement Tests/Interop/requirements.txt
swift build -c release --product vqw2v
swift build -c release --product CInterface
export PYTHONPATH=$PWD/Python
exec "$environment/bin/python" -m pytest -q -p no:cacheprovider Tests/Interop "$@"
