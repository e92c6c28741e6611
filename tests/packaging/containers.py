#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What packaging/README.md says of containers, by real engines on a booted host of its own: each printed command, and
what root can and cannot do in a container that is mounted like it; the Pod by "podman kube play".

The image has the packages' programs, a shell and what these link to; no registry and no network is asked.
"""

import base64
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tarfile
import unittest

import yaml

import debs
import machine
import plant
import readme
import uatrust

ENGINES = ("docker", "podman")
DAEMON = {"docker": "dockerd"}  # the program that an engine needs beside its command
CLIENT = pathlib.Path("/run/uatrust/client")
STORE = pathlib.Path("/var/lib/uatrust/default")
HOME = pathlib.Path("/srv/test")
IMAGE = HOME / "image.tar"
NAMES = ("registry.example.com/historian", "registry.example.com/uatrust")
GOOD = ": trusted, Good"
PROGRAMS = ("uatrust", "uatrustd", "sh", "id", "mount", "rm", "touch")

# A host within a host: no network to give, no limits to raise, and files that lie on an overlay already.
PODMAN = {
    "containers.conf": '[containers]\nnetns="none"\ndefault_ulimits=["nofile=1024:1024","nproc=1024:1024"]\n'
                       '[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="runc"\n',
    "storage.conf": '[storage]\ndriver="vfs"\nrunroot="/run/containers"\ngraphroot="/srv/containers"\n',
}
DOCKERD = ["dockerd", "--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs",
           "--data-root=/srv/docker", "--exec-opt=native.cgroupdriver=cgroupfs"]


def run(*command, **more):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, **more)
    if done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def missing(engine):
    return [program for program in (engine, DAEMON.get(engine, engine)) if not shutil.which(program)]


def write_image():
    """Each program with the libraries that it is linked to, at their places, and two certificates."""
    paths = set()
    for program in map(shutil.which, PROGRAMS):
        paths |= {program, *re.findall(r"/\S+", run("ldd", program).replace(f"{program}:", ""))}
    with tarfile.open(IMAGE, "w", dereference=True) as tar:
        for path in sorted(paths):
            tar.add(path)
        for name in ("pump.der", "stranger.der"):
            tar.add(HOME / name, "etc/opcua/" + name.replace("pump", "peer"))


def listing():
    """What the host trusts."""
    return sorted(path for folder in ("trusted", "issuers", "blocked") for path in (STORE / folder).rglob("*"))


def printed(engine):
    """The command of that engine, as its words."""
    line, = re.findall(rf"^{engine} run .*", "".join(readme.blocks("sh")), re.M)
    return shlex.split(line)


class Shell:
    """One in a container that is started as the README has it, with another command."""

    def __init__(self, test, words):
        image, = (at for at, word in enumerate(words) if word in NAMES)
        self.process = uatrust.start([*words[:2], "--interactive", *words[2:image + 1], "sh"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.end)

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)

    def ask(self, command):
        """Return: its exit code."""
        print("#", command, flush=True)
        self.process.stdin.write(f"{command} >&2; echo $?\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        HOME.mkdir(parents=True)
        cls.files = plant.make()
        for name, data in cls.files.items():
            (HOME / name).write_bytes(data)
        run("dpkg", "--install", *debs.packages().values(), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        plant.fill(STORE, cls.files)
        uatrust.eventually(lambda: subprocess.run(["uatrust", "validate", HOME / "pump.der"]).returncode == 0,
                           "the host trusts the peer")
        for groups in pathlib.Path("/sys/fs/cgroup").glob("*/tasks"):  # of version 1; those of version 2 may be changed
            run("mount", "-o", "remount,bind,rw", groups.parent)
        write_image()
        for name, text in PODMAN.items():
            pathlib.Path("/etc/containers", name).write_text(text)

    def start_dockerd(self):
        with open(HOME / "dockerd.log", "w") as log:
            self.addCleanup(uatrust.stop, uatrust.start(DOCKERD, stdout=log, stderr=log))
        try:
            uatrust.eventually(lambda: subprocess.run(["docker", "info"], capture_output=True).returncode == 0, "")
        except AssertionError:
            uatrust.skip("dockerd does not come up here: " + (HOME / "dockerd.log").read_text()[-400:])

    def start(self, engine):
        if missing(engine):
            uatrust.skip(f"no {', '.join(missing(engine))}")
        if engine == "docker":
            self.start_dockerd()
        for name in NAMES:
            run(engine, "import", "--change", "ENV PATH=/usr/sbin:/usr/bin:/bin", IMAGE, name)

    def check_engine(self, engine):
        self.start(engine)
        words = printed(engine)
        self.assertIn("default", run(*words))
        self.check_container(Shell(self, words))

    def check_container(self, shell):
        page = CLIENT / "page"
        before = (page.stat().st_ino, listing())
        self.assertEqual(shell.ask("test $(id -u) = 0"), 0, "it is its root")
        self.assertEqual(shell.ask("uatrust validate /etc/opcua/peer.der"), 0)
        self.assertEqual(shell.ask("uatrust validate /etc/opcua/stranger.der"), 1)
        for forbidden in ("uatrust trust --yes /etc/opcua/stranger.der",
                          f"uatrust trust --yes --admin-socket {CLIENT}/org.uatrust.agent1 /etc/opcua/stranger.der",
                          "test -e /run/uatrust/admin", f"touch {page}", f"(: >>{page})", f"(: >{CLIENT}/new)",
                          f"rm -f {page}", f"mount -o remount,bind,rw {CLIENT}"):
            self.assertNotEqual(shell.ask(forbidden), 0, forbidden)
        self.assertEqual((page.stat().st_ino, listing()), before)
        run("systemctl", "restart", "uatrustd.service")
        self.assertNotEqual(page.stat().st_ino, before[0], "the agent was restarted")
        self.assertEqual(shell.ask("uatrust validate /etc/opcua/peer.der"), 0, "after the restart, too")

    def test_docker(self):
        self.check_engine("docker")

    def test_podman(self):
        self.check_engine("podman")

    # The Pod, and its application alone

    def play(self, pod):
        """Runs a Pod; its ConfigMaps have the plant's lists. Return: how to see what its application has said."""
        options = []
        for name, member in (("plant-trusted", "plant"), ("plant-issuers", "root")):
            data = {file: base64.b64encode(self.files[file]).decode() for file in (f"{member}.der", f"{member}.crl")}
            options += ["--configmap", HOME / f"{name}.yaml"]
            options[-1].write_text(json.dumps({"kind": "ConfigMap", "metadata": {"name": name}, "binaryData": data}))
        (HOME / "pod.yaml").write_text(json.dumps(pod))
        self.addCleanup(run, "podman", "pod", "rm", "--force", pod["metadata"]["name"])
        run("podman", "kube", "play", "--network", "none", *options, HOME / "pod.yaml")
        return lambda: run("podman", "logs", "historian-historian")

    def pod(self):
        text, = readme.blocks("yaml")
        return yaml.safe_load(text)

    def test_pod(self):
        self.start("podman")
        said = self.play(self.pod())
        uatrust.eventually(lambda: GOOD in said(), "the peer is trusted in the Pod")
        trusted = pathlib.Path(run("podman", "volume", "inspect", "--format={{.Mountpoint}}", "plant-trusted").strip())
        uatrust.replace(trusted / "plant.crl", self.files["revoking.crl"])
        uatrust.eventually(lambda: "BadCertificateRevoked" in said(), "the Pod's agent follows its ConfigMap")

    def test_pod_without_an_agent(self):
        self.start("podman")
        pod = self.pod()
        volume = yaml.safe_load(re.search(r"`(hostPath: .*?)`", readme.README.read_text())[1])
        pod["spec"]["containers"] = [each for each in pod["spec"]["containers"] if each["name"] == "historian"]
        pod["spec"]["volumes"] = [{"name": "client", **volume}]
        said = self.play(pod)
        uatrust.eventually(lambda: GOOD in said(), "the host's agent trusts the peer in the Pod")
        mount, = json.loads(run("podman", "inspect", "--format={{json .Mounts}}", "historian-historian"))
        self.assertEqual((mount["Source"], mount["RW"]), (str(CLIENT), False))


def prepare():
    if all(map(missing, ENGINES)):
        uatrust.skip("no podman and no dockerd (packaging/prepare --long installs both)")
    debs.packages()


if __name__ == "__main__":
    machine.main(__file__, prepare, lambda: machine.run_tests(Containers), "use")
