# SPDX-License-Identifier: Apache-2.0
"""The command uatrust, as scripts and people run it."""

import contextlib
import os
import pty
import subprocess

import uatrust


class Tool:
    """Of one agent, whose administrators' socket is admin in that folder."""

    def __init__(self, folder, agent):
        self.usual = {
            "cwd": folder, "stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 120,
            "env": {**os.environ, "UATRUST_SOCKET": agent.socket, "UATRUST_ADMIN_SOCKET": f"{folder}/admin", "LC_ALL": "C"}}

    def run(self, *arguments, **process):
        """The process when it has ended; process: of subprocess.run."""
        return subprocess.run([uatrust.TOOL, *map(str, arguments)], **{**self.usual, **process})

    def say(self, *arguments, code=0, **process):
        """What it printed, or if another exit code is expected, what it complained of."""
        done = self.run(*arguments, **process)
        assert done.returncode == code, f"{arguments}: {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
        return done.stderr if code else done.stdout


@contextlib.contextmanager
def typed(answer=b""):
    """A terminal for the tool's input, at which somebody has typed that."""
    outer, inner = pty.openpty()
    try:
        os.write(outer, answer)
        yield inner
    finally:
        os.close(inner)
        os.close(outer)
