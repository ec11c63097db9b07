#!/bin/sh
# Prints the version of the program, the library and the packages, which stands in one place.
set -eu
cd "$(dirname "$0")/.."
sed -n 's/.*public static let version = "\(.*\)"/\1/p' Sources/Checkpoints/Checkpoint+Writing.swift
