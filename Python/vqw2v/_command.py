"""The command ``vqw2v``: the program within this package takes the place of Python."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Runs it with the same arguments."""
    program = Path(__file__).with_name("native") / "vqw2v"
    try:
        os.execv(program, ["vqw2v", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"error: {program} cannot be started: {error.strerror}; install the wheel of vqw2v again")
