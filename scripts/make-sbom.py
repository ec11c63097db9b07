#!/usr/bin/env python3
"""Prints the software bill of materials of the binaries.

make-sbom.py VERSION FOLDER     as CycloneDX; FOLDER holds the system's libraries that are packed with the program
make-sbom.py --spdx VERSION PROGRAM   as SPDX; of the libraries that the program is linked with here"""

import hashlib
import json
import re
import subprocess
import sys
import time
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


def components(libraries):
    """All that the program is made of, in CycloneDX's terms."""
    swift = re.search(r"Swift version (\S+)", output("swift", "--version"))
    runtime = {
        "type": "library", "name": "Swift standard library, Foundation and Dispatch",
        "version": swift[1] if swift else "unknown", "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    return [*swift_packages(), runtime, *(library(path) for path in libraries)]


def cyclone(version, folder):
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {
            "type": "application", "name": "vqw2v", "version": version,
            "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": components(sorted(Path(folder).iterdir())),
    }


def linked(program):
    """Files of the system's libraries that the loader gives a program, less those of the C library and of Swift."""
    found = re.findall(r"=> (/\S+)", output("ldd", program))
    system = ("libc.", "libm.", "libpthread.", "libdl.", "librt.", "ld-linux", "libgcc_s.", "libstdc++.", "libresolv.", "libutil.")
    return sorted({Path(path) for path in found if not Path(path).name.startswith(system) and "/swift/" not in path})


def spdx(version, program):
    """SPDX 2.3. Equal programs, libraries and commits give equal files."""
    digest = hashlib.sha256(Path(program).read_bytes()).hexdigest()
    packages = [{
        "SPDXID": "SPDXRef-vqw2v", "name": "vqw2v", "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION", "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
    }]
    for component in components(linked(program)):
        licences = [licence.get("expression") or licence["license"]["id"] for licence in component.get("licenses", [])]
        package = {
            "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", component["name"]), "name": component["name"],
            "versionInfo": component["version"], "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": licences[0] if licences else "NOASSERTION",
            "licenseDeclared": licences[0] if licences else "NOASSERTION", "copyrightText": "NOASSERTION",
        }
        if "purl" in component:
            package["externalRefs"] = [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": component["purl"]}]
        packages.append(package)
    # Of the sources, not of this moment.
    committed = int(output("git", "-C", str(ROOT), "log", "-1", "--format=%ct") or 0)
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"vqw2v-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/vqw2v-{version}-{digest[:32]}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(committed)),
                         "creators": ["Tool: make-sbom.py"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-vqw2v"},
            *({"spdxElementId": "SPDXRef-vqw2v", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": package["SPDXID"]}
              for package in packages[1:]),
        ],
    }


def main():
    arguments = sys.argv[1:]
    bill = spdx(*arguments[1:]) if arguments[0] == "--spdx" else cyclone(*arguments)
    print(json.dumps(bill, indent=2))


main()
