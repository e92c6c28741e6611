# SPDX-License-Identifier: Apache-2.0
"""What Linux tells of a process: its CPU time, memory and wake-ups."""

import pathlib
import time


def memory_kib(pid):
    """VmRSS, VmHWM (its peak), and how much of it is no file's, which nobody else can share, in KiB."""
    fields = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("VmRSS", "VmHWM"):
            fields[name] = int(rest.split()[0])
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            fields["anonymous"] = int(line.split()[1])
    return fields


def forget_peak(pid):
    """Lets the peak start again from what is resident now, which is returned in KiB."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory_kib(pid)["VmRSS"]


def cpu_s(pid):
    """CPU time of all its threads, ended ones too, in seconds: clock_getcpuclockid(3), which Python lacks."""
    return time.clock_gettime(~pid << 3 | 2)


def wake_ups(pid):
    """How often its threads went to sleep of their own will."""
    n = 0
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        for line in path.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                n += int(line.split()[1])
    return n
