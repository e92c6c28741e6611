#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command of packaging/README.md, in its order, by root on a booted host of its own.

Two things are stood in for. packaging/build-deb itself is the test packaging/deb, whose packages are installed here.
docker, podman and Kubernetes are mount namespaces that see what the commands and the Pod mount, and nothing else but
/usr; that an engine knows its options is asked of the engine's own help, where there is one. The engines themselves run
in the test packaging/containers.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import debs
import machine
import plant
import uatrust

README = uatrust.SOURCE / "packaging/README.md"
ELSEWHERE = {"packaging/build-deb": "packaging/deb"}  # a block's command and the test that runs it
WORK = pathlib.Path("/root/uatrust")
PKI = pathlib.Path("/opt/scada/pki")

# box MOUNT... -- COMMAND...: a container; a MOUNT is FROM:TO or FROM:TO:ro.
BOX = r"""#!/bin/sh
exec unshare --mount --propagation private sh -euc '
root=$(mktemp -d)
mount -t tmpfs none "$root"
cd "$root"
mkdir -p usr proc dev etc/opcua
for link in bin lib lib64 sbin; do ln -s usr/$link; done
for folder in usr proc dev; do mount --rbind /$folder $folder; done
cp /srv/peer.der etc/opcua
while [ "$1" != -- ]; do
        from=${1%%:*} rest=${1#*:}
        to=${rest%%:*}
        mkdir -p "./$to"
        mount --rbind "$from" "./$to"
        case $rest in *:ro) mount -o remount,bind,ro "./$to" ;; esac
        shift
done
shift
exec chroot . "$@"' box "$@"
"""

# docker, podman: what of their options the README uses, and nothing more.
ENGINE = r"""#!/bin/sh
set -eu
[ "$1" = run ] && shift
mounts=
while :; do
        case $1 in
        --rm) shift ;;
        --volume) mounts="$mounts $2"; shift 2 ;;
        -*) echo "not stood in for: $1" >&2; exit 125 ;;
        *) break ;;
        esac
done
shift
exec box $mounts -- "$@"
"""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.M | re.S)


def stray():
    """What looks like a command and stands in no block that is run."""
    text = re.sub(r"^```(sh|yaml)\n.*?^```$", "", README.read_text(), flags=re.M | re.S)
    return re.findall(r"^(?:    |\t|```).*", text, re.M)


def engine_faults():
    """Options of "docker run" that it does not know, where it is installed; that of podman likewise."""
    for engine in ("docker", "podman"):
        used = set(re.findall(r"--[a-z-]+", " ".join(re.findall(rf"^{engine} run (.*)", "".join(blocks("sh")), re.M))))
        program = shutil.which(engine)
        if not program:
            print(f"no {engine} to ask for its options")
            continue
        known = subprocess.run([program, "run", "--help"], capture_output=True, text=True, timeout=60).stdout
        yield from (f"{engine} run knows no {option}" for option in sorted(used) if f"{option} " not in known)


def write_program(name, text):
    path = pathlib.Path("/usr/local/bin", name)
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def lay_out():
    """What the README takes for granted: people, an application with its PKI directory, packages that were built."""
    for name in ("alice", "historian", "scada"):
        subprocess.run(["useradd", name], check=True)
    files = plant.make()
    plant.fill(PKI, files)
    for name, mode in (("own/certs", 0o755), ("own/private", 0o700)):
        (PKI / name).mkdir(parents=True)
        (PKI / name).chmod(mode)
    (PKI / "own/certs/scada.der").write_bytes(files["pump.der"])
    (PKI / "own/private/scada.pem").write_text("a secret\n")
    (PKI / "own/private/scada.pem").chmod(0o600)
    shutil.chown(PKI, "scada", "scada")
    PKI.chmod(0o750)
    pathlib.Path("/srv/peer.der").write_bytes(files["pump.der"])
    (WORK / "build").mkdir(parents=True)
    (WORK / "build/deb").symlink_to(debs.FOLDER)
    write_program("box", BOX)
    write_program("docker", ENGINE)
    write_program("podman", ENGINE)
    return files


def run_block(block):
    """Return: whether it went well."""
    if block.strip() in ELSEWHERE:
        return True
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=WORK, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                          env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "TERM": "dumb"})
    print(f"{block}{done.stdout}[{done.returncode}]\n", flush=True)
    return done.returncode == 0


def config_map(folder, files):
    """As a kubelet lays it out: files are links into a folder that is swapped whole."""
    (folder / "..first").mkdir(parents=True)
    (folder / "..data").symlink_to("..first")
    for name, data in files.items():
        (folder / "..first" / name).write_bytes(data)
        (folder / name).symlink_to(pathlib.Path("..data", name))
    return folder


def run_pod(text, files):
    """Both containers of the Pod; well if the application's command succeeds within the usual time."""
    import yaml
    spec = yaml.safe_load(text)["spec"]
    maps = {"plant-trusted": {"plant.der": files["plant.der"], "plant.crl": files["plant.crl"]},
            "plant-issuers": {"root.der": files["root.der"], "root.crl": files["root.crl"]}}
    places = {}
    for volume in spec["volumes"]:
        place = pathlib.Path("/srv/pod", volume["name"])
        if "configMap" in volume:
            config_map(place, maps[volume["configMap"]["name"]])
        else:
            assert volume["emptyDir"] == {}, volume
            place.mkdir(parents=True)
        places[volume["name"]] = place

    def command(container):
        mounts = [f"{places[mount['name']]}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}"
                  for mount in container["volumeMounts"]]
        return ["box", *mounts, "--", *container["command"]]

    agent, application = spec["containers"]
    process = uatrust.start(command(agent))
    try:
        uatrust.eventually(lambda: subprocess.run(command(application), capture_output=True).returncode == 0,
                           "the peer is trusted in the Pod")
    finally:
        uatrust.stop(process)
    return True


def may_read(path):
    return subprocess.run(["runuser", "-u", "uatrust", "--", "cat", path], capture_output=True).returncode == 0


def inside():
    files = lay_out()
    done = True
    for block in blocks("sh"):
        if not done:
            break
        if block.startswith("apt-get") and "purge" in block:
            done = all(run_pod(text, files) for text in blocks("yaml"))
        done = done and run_block(block)
    if done and (not may_read(PKI / "trusted/certs/plant.der") or may_read(PKI / "own/private/scada.pem")):
        sys.exit("the agent's user may not read what is trusted, or he may read a private key")
    return done


def prepare():
    faults = [f"not run: {line}" for line in stray()] + list(engine_faults())
    if faults:
        sys.exit("\n".join(faults))
    debs.packages()


if __name__ == "__main__":
    machine.main(__file__, prepare, inside, "use")
