"""Prints the software bill of materials of the binaries, as CycloneDX: make-sbom.py VERSION FOLDER.

FOLDER holds the system's libraries that are packed with the program."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LICENCES = {
    "libopenblas": "BSD-3-Clause", "libsndfile": "LGPL-2.1-or-later", "libmpg123": "LGPL-2.1-only",
    "libsoxr": "LGPL-2.1-or-later", "libz": "Zlib", "libnettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libFLAC": "BSD-3-Clause", "libogg": "BSD-3-Clause", "libvorbis": "BSD-3-Clause", "libopus": "BSD-3-Clause",
    "libmp3lame": "LGPL-2.0-or-later", "libgfortran": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libquadmath": "LGPL-2.1-or-later", "libgomp": "GPL-3.0-or-later WITH GCC-exception-3.1",
}
PACKAGES = {
    "swift-argument-parser": "Apache-2.0", "swift-system": "Apache-2.0", "yams": "MIT", "swift-protobuf": "Apache-2.0",
}


def output(*command):
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def library(path):
    """A library of the system, with the package that it comes from."""
    stem = re.match(r"lib[A-Za-z0-9+_]*?(?=[-.]|$)", path.name)[0]
    owner = output("dpkg", "-S", f"*/{path.name}").split("\n")[0].split(":")[0]
    version = output("dpkg-query", "-W", "-f", "${Version}", owner) if owner else ""
    licence = next((LICENCES[key] for key in LICENCES if stem.startswith(key)), None)
    component = {"type": "library", "name": path.name, "version": version or "unknown"}
    if owner and version:
        component["purl"] = f"pkg:deb/debian/{owner}@{version}"
    if licence:
        component["licenses"] = [{"expression": licence}]
    return component


def swift_packages():
    """Swift packages that the program is linked with, at the versions that the manifest pins."""
    manifest = (ROOT / "Package.swift").read_text()
    for address, version in re.findall(r'url: "(\S+)", exact: "(\S+)"', manifest):
        name = address.rsplit("/", 1)[1]
        yield {
            "type": "library", "name": name, "version": version,
            "purl": f"pkg:swift/{address.removeprefix('https://')}@{version}",
            "licenses": [{"license": {"id": PACKAGES[name.lower()]}}],
        }


def main():
    version, folder = sys.argv[1:]
    swift = re.search(r"Swift version (\S+)", output("swift", "--version"))
    runtime = {
        "type": "library", "name": "Swift standard library, Foundation and Dispatch",
        "version": swift[1] if swift else "unknown", "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    libraries = [library(path) for path in sorted(Path(folder).iterdir())]
    print(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {
            "type": "application", "name": "vqw2v", "version": version,
            "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": [*swift_packages(), runtime, *libraries],
    }, indent=2))


main()
