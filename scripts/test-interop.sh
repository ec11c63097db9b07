#!/usr/bin/env bash
# Checks the files of vqw2v with the Python libraries that users read them with. The first run installs these
# into a virtual environment, .interop/ or what VQW2V_INTEROP names; arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
environment=${VQW2V_INTEROP:-.interop}

scripts/python-environment.sh "$environment" Tests/Interop/requirements.txt
swift build -c release --product vqw2v
swift build -c release --product CInterface
export PYTHONPATH=$PWD/Python
exec "$environment/bin/python" -m pytest -q -p no:cacheprovider Tests/Interop "$@"
