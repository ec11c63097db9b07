#!/usr/bin/env python3
"""Compares what targets import with what Package.swift declares, and with the table of docs/architecture.md."""
import json
import pathlib
import re
import subprocess
import sys

# What comes with Swift; and CMPI, which only a trait of the package declares.
GIVEN = {"Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing", "CMPI"}
IMPORT = re.compile(r"^ *(?:@\w+ )*(?:\w+ )?import (?:(?:struct|class|enum|protocol|func|var) )?(\w+)", re.MULTILINE)

root = pathlib.Path(__file__).resolve().parent.parent
description = subprocess.run(
    ["swift", "package", "describe", "--type", "json"], cwd=root, check=True, capture_output=True, text=True
).stdout
targets = json.loads(description)["targets"]
programs = {target["name"] for target in targets if target["type"] == "executable"}
modules = {target["name"].replace("-", "_"): target["name"] for target in targets}

# The names in a row's first and last column.
table = {}
text = (root / "docs/architecture.md").read_text(encoding="utf-8")
for line in text.split("| folder of `Sources/` |")[1].splitlines():
    cells = line.split(" | ")
    if len(cells) == 3 and "all libraries" not in cells[2]:
        imports = re.sub(r"\(.*?\)", "", cells[2])
        names = set(re.findall(r"\w+", imports)) & (set(modules) | {"SystemPackage", "SwiftProtobuf", "Yams"})
        for name in re.findall(r"`(\w+)`", cells[0]):
            table[name] = names

problems = []
for target in targets:
    name = target["name"]
    if target["module_type"] != "SwiftTarget":
        continue
    imports = set()
    for source in target["sources"]:
        imports |= set(IMPORT.findall((root / target["path"] / source).read_text(encoding="utf-8")))
    imports = {modules.get(module, module) for module in imports - GIVEN}
    declared = set(target.get("target_dependencies", [])) | set(target.get("product_dependencies", []))
    problems += [f"{name} imports {module} and does not declare it" for module in sorted(imports - declared)]
    problems += [f"{name} declares {module} and does not import it" for module in sorted(declared - imports - programs)]
    if target["path"].startswith("Sources/") and name in table and table[name] - GIVEN != declared:
        others = ", ".join(sorted(table[name] ^ declared))
        problems.append(f"docs/architecture.md and Package.swift differ in what {name} imports: {others}")
for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
