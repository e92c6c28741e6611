# SPDX-License-Identifier: Apache-2.0
"""Tells an agent for which tests/faults/refuse.c is preloaded which calls are to fail."""

import mmap
import struct

# As in tests/faults/refuse.h.
CALLS = ("open", "openat", "openat2", "read", "fstatat", "readdir", "inotify_init1", "inotify_add_watch")


class Refuse:
    """What the agent's calls are told, in a file that it maps."""

    FORM = struct.Struct("=iiq")

    def __init__(self, path):
        path.write_bytes(bytes(self.FORM.size))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), self.FORM.size)

    def set(self, call, error, n):
        self.memory[:] = self.FORM.pack(CALLS.index(call), error, n)

    def end(self):
        """Returns how many are left that did not fail."""
        left = self.FORM.unpack(self.memory[:])[2]
        self.memory[8:16] = bytes(8)
        return left
