#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pure floors ask no clock, wait for nothing: archives.py ARCHIVE... looks at the symbols that each one needs."""

import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"(clock_(gettime|nanosleep|getres|settime|realtime_s|monotonic_ns)|gettimeofday|time|times|ftime|timespec_get"
    r"|sleep|usleep|nanosleep|pause|alarm|setitimer|timer_create|timerfd_\w+|p?poll|p?select|epoll_\w+|sigtimedwait"
    r"|pthread_cond_(timed)?wait|sem_(timed)?wait|uv_\w+|sd_\w+)$")


def needed(archive):
    lines = subprocess.run(["nm", "-u", "--format=posix", archive], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in lines.splitlines() if line.endswith(" U ") or line.split()[-1:] == ["U"]}


def main():
    failed = False
    for archive in sys.argv[1:]:
        found = sorted(name for name in needed(archive) if FORBIDDEN.match(name))
        if found:
            failed = True
            print(f"{archive} needs {' '.join(found)}")
    print(f"{len(sys.argv) - 1} archives looked at")
    sys.exit(1 if failed or len(sys.argv) == 1 else 0)


if __name__ == "__main__":
    main()
