# SPDX-License-Identifier: Apache-2.0
"""A host that nobody minds: real systemd booted by systemd-nspawn on an overlay of this host's /, for test scripts that
run inside as root. Nothing of it is left on the host, also when the test is killed: all mounts are in a mount namespace
of its own, all processes in a namespace of processes that ends with ours, and a janitor sees to folders and groups."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import uatrust

MARK = "uatrust-machine"
GROUPS = pathlib.Path("/sys/fs/cgroup")
TOOLS = ("systemd-nspawn", "unshare", "setpriv", "dbus-daemon", "busctl")

# Joins control groups of its own, where no manager minds them: a name for the janitor.
START = r"""
set -eu
CALLS="landlock_create_ruleset landlock_add_rule landlock_restrict_self @keyring" # a host has them
space=$1 groups=$2 keep=$3; shift 3
for group in $groups; do echo 0 >"$group/cgroup.procs"; done
mount -t tmpfs none "$space"
mkdir "$space/upper" "$space/work" "$space/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$space/upper,workdir=$space/work" "$space/root"
cd "$space/root"
: >etc/machine-id
rm -f usr/sbin/policy-rc.d
rm -rf etc/systemd/system/*.wants/* etc/systemd/system/*.requires/* run/* var/log/journal
mkdir -p etc/systemd/system/multi-user.target.wants
ln -s ../inside.service etc/systemd/system/multi-user.target.wants
cat >etc/systemd/system/inside.service
nspawn() {
        systemd-nspawn --quiet --directory="$space/root" --register=no $keep --private-network --resolv-conf=off \
                --timezone=off --link-journal=no --console=pipe --system-call-filter="$CALLS" "$@" </dev/null >"$space/console" 2>&1
}
nspawn --as-pid2 /bin/true || { cat "$space/console"; exit 77; }
for phase in "$@"; do
        echo "$phase" >phase
        rm -f passed results
        nspawn --boot "--bind-ro=$UATRUST_SOURCE" "--bind-ro=$UATRUST_BUILD" || true
        cat results 2>/dev/null || cat "$space/console"
        [ -e passed ] || exit 1
done
"""

UNIT = """
[Unit]
After=multi-user.target
[Service]
Type=oneshot
Environment=UATRUST_BUILD={build} PYTHONPATH={harness}
ExecStart={python} -B {script} --inside
ExecStopPost=/bin/systemctl poweroff --force --force
StandardOutput=append:/results
StandardError=append:/results
TimeoutStartSec=600
"""

JANITOR = r"""
read -r end || true
for try in $(seq 100); do
        for group in $2; do [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null; done
        rmdir "$1" 2>/dev/null
        for place in "$1" $2; do [ ! -d "$place" ] || { sleep 0.1; continue 2; }; done
        exit
done
"""


def why_not():
    """Why there can be none here; None if there can."""
    if os.geteuid() != 0:
        return "only root can boot a machine"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"no {', '.join(missing)} (packaging/prepare --tests installs them)"
    if "\toverlay\n" not in pathlib.Path("/proc/filesystems").read_text():
        return "no overlay file system"
    return None


def groups():
    """Control groups for us alone where no manager has them, one in each hierarchy."""
    if os.path.isdir("/run/systemd/system"):
        return []
    is_one = (GROUPS / "cgroup.procs").exists()
    made = []
    for hierarchy in [GROUPS] if is_one else sorted(path for path in GROUPS.iterdir() if not path.is_symlink()):
        made.append(hierarchy / f"{MARK}-{os.getpid()}")
        made[-1].mkdir()
        for limit in ("cpuset.cpus", "cpuset.mems"):  # of version 1, which lets nobody in before they are set
            if (hierarchy / limit).exists():
                (made[-1] / limit).write_text((hierarchy / limit).read_text())
    return made


def run(script, *phases):
    """Boots once for each phase, runs "script --inside" there, which finds its word in /phase and makes /passed when
    all is well; shows what it said. Return: an exit code, 77 if nothing can be booted."""
    space = tempfile.mkdtemp(prefix=MARK)
    places = " ".join(map(str, groups()))
    keep = "" if not places else "--keep-unit"
    read_end, write_end = os.pipe()
    subprocess.Popen(["sh", "-c", JANITOR, "janitor", space, places], stdin=read_end, start_new_session=True)
    os.close(read_end)
    os.set_inheritable(write_end, False)

    unit = UNIT.format(build=uatrust.BUILD, harness=pathlib.Path(__file__).parent, python=sys.executable,
                       script=pathlib.Path(script).resolve())
    child = uatrust.start(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                           "private", "sh", "-c", START, "machine", space, places, keep, *phases],
                          stdin=subprocess.PIPE, text=True,
                          env={**os.environ, "UATRUST_SOURCE": str(uatrust.SOURCE), "UATRUST_BUILD": str(uatrust.BUILD)})
    child.communicate(unit)
    os.close(write_end)
    return child.returncode


def phase():
    return pathlib.Path("/phase").read_text().strip()


def main(script, prepare, inside, *phases):
    """What such a script does: prepare(), on this host, and in each phase inside(), which says whether all is well."""
    if sys.argv[1:] == ["--inside"]:
        if inside():
            pathlib.Path("/passed").touch()
        return
    prepare()
    reason = why_not()
    if reason:
        uatrust.skip(reason)
    sys.exit(run(script, *phases))


def run_tests(case):
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return unittest.TextTestRunner(verbosity=2).run(tests).wasSuccessful()
