#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The packages can be built by nobody and without network; other tests find them in BUILD/packaging/deb.

What has not changed since is not built again.
"""

import sys

import debs
import uatrust


def main():
    reason = debs.why_not()
    if reason:
        uatrust.skip(reason)
    stamp, now = debs.FOLDER / "digest", debs.digest()
    if now and stamp.is_file() and stamp.read_text() == now:
        print("nothing has changed since", *sorted(debs.packages()), "were built")
        return
    print(debs.build(debs.FOLDER))
    wanted = {"uatrust", "libuatrust1", "libuatrust-dev"}
    if set(debs.packages()) != wanted:
        sys.exit(f"built {sorted(debs.packages())}, not {sorted(wanted)}")
    if now:
        stamp.write_text(now)


if __name__ == "__main__":
    main()
