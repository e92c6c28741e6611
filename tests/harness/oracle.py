# SPDX-License-Identifier: Apache-2.0
"""What a directory of trusted certificates says, read by rules of its own, and how late verdicts were.

Only for certificates that are trusted by themselves (beacons): such a one is Good exactly while a file of the directory
holds it, and nothing blocks it. Where the rules do not say (a file that is partly rubbish), either verdict is right.
"""

import base64
import binascii
import bisect
import collections
import errno
import os
import re
import stat

ENDINGS = ("~", ".tmp", ".temp", ".part", ".swp", ".swx", ".dpkg-new", ".dpkg-tmp")
READ_MAX = 256 * 1024
LINKS_MAX = 40

GOOD, UNTRUSTED, ERROR, OTHER = 1, 0, 2, 3


def objects(content):
    """The DER objects of a file that holds nothing else; None if it does."""
    found = []
    if content.startswith(b"-----BEGIN"):
        for block in re.findall(rb"-----BEGIN [A-Z0-9 ]+-----\n(.*?)-----END [A-Z0-9 ]+-----\n", content, re.S):
            try:
                found.append(base64.b64decode(block))
            except binascii.Error:
                return None
        return found if re.fullmatch(rb"(-----BEGIN ([A-Z0-9 ]+)-----\n[A-Za-z0-9+/=\n]+-----END \2-----\n)+",
                                     content) else None
    at = 0
    while at < len(content):
        if content[at:at + 2] != b"\x30\x82":
            return None
        end = at + 4 + int.from_bytes(content[at + 2:at + 4], "big")
        if end > len(content):
            return None
        found.append(content[at:end])
        at = end
    return found


class Reader:
    """What the agent may see: as_other, it is neither the owner nor of the group of anything."""

    def __init__(self, base, beacons, blocks, certs, as_other):
        """@blocks: the content of a record -> the beacon that it blocks. @certs: whatever else is a certificate."""
        self.base, self.beacons, self.blocks, self.as_other = str(base), beacons, blocks, as_other
        self.certs = {*beacons, *certs}

    def may(self, status, bits):
        """@bits as of others: of whoever else the agent is, they are shifted."""
        bits = bits if self.as_other else bits << 6
        return status.st_mode & bits == bits

    def way(self, path):
        """Where @path leads, and the directories that are passed on the way; OSError if nowhere."""
        at, passed, rest, links = "/", [], path.split("/"), 0
        while rest:
            name = rest.pop(0)
            if name in ("", "."):
                continue
            passed.append(at)
            step = os.path.dirname(at) if name == ".." else os.path.join(at, name)
            if not stat.S_ISLNK(os.lstat(step).st_mode):
                at = step
                continue
            links += 1
            if links > LINKS_MAX:
                raise OSError(errno.ELOOP, path)
            target = os.readlink(step)
            rest = target.split("/") + rest
            at = "/" if target.startswith("/") else at
        return at, [folder for folder in passed if folder.startswith(self.base)]

    def reach(self, path):
        """Where the agent gets by @path; OSError if nowhere."""
        at, passed = self.way(path)
        if not all(self.may(os.stat(folder), 0o001) for folder in passed):
            raise PermissionError(path)
        return at

    def may_watch(self, path):
        """All directories on the way to the one at @path, and itself. What is missing is watched for."""
        while True:
            try:
                at, passed = self.way(path)
                return all(self.may(os.stat(folder), 0o005) for folder in [*passed, at])
            except FileNotFoundError:
                path = os.path.dirname(path)
            except OSError:
                return False

    def content(self, folder, name):
        """The file's content; OSError if there is none for the agent."""
        path = os.path.join(folder, name)
        if stat.S_ISLNK(os.lstat(path).st_mode):
            if os.readlink(path).startswith("/"):
                raise PermissionError(path)
            path = self.reach(path)
            if not path.startswith(folder + "/"):
                raise PermissionError(path)
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or not self.may(status, 0o004) or status.st_size > READ_MAX:
            raise PermissionError(path)
        with open(path, "rb") as file:
            return file.read()

    def files(self, path):
        """(directory, name) of what the agent looks at in the directory at @path."""
        try:
            folder = self.reach(path)
            if not self.may(os.stat(folder), 0o005):
                return []
            return [(folder, name) for name in os.listdir(folder)
                    if not name.startswith((".", "#", "flood-")) and not name.endswith(ENDINGS)]
        except OSError:
            return []

    def is_clean(self, content):
        """Whether a file blocks what it says, and nothing else: one that is damaged blocks what it did before, too."""
        holds = objects(content)
        return content in self.blocks or bool(holds) and all(der in self.certs for der in holds)

    def blocked(self, path):
        """The beacons that are blocked by the directory at @path, and whether that is all."""
        found = set()
        try:
            folder = self.reach(path)
        except FileNotFoundError:
            return found, True
        except OSError:
            return found, False
        if not stat.S_ISDIR(os.stat(folder).st_mode) or not self.may(os.stat(folder), 0o005):
            return found, False
        is_all = True
        for folder, name in self.files(path):
            try:
                content = self.content(folder, name)
            except OSError:
                is_all = False
                continue
            is_all &= self.is_clean(content)
            holds = objects(content) or []
            found |= {number for number, beacon in enumerate(self.beacons)
                      if beacon in holds or self.blocks.get(content) == number}
        return found, is_all

    def right(self, store):
        """A tuple: for each beacon the verdicts that are right now."""
        blocked, is_all = self.blocked(f"{store}/blocked")
        trusted = self.trusted(f"{store}/trusted/certs", f"{store}/trusted/crl")
        return tuple({UNTRUSTED} if number in blocked else right if is_all else right | {UNTRUSTED}
                     for number, right in enumerate(trusted))

    def trusted(self, *folders):
        """The same if nothing were blocked."""
        found, perhaps = set(), set()
        for folder, name in [file for path in folders for file in self.files(str(path))]:
            try:
                content = self.content(folder, name)
            except OSError:
                continue
            holds = objects(content)
            for number, beacon in enumerate(self.beacons):
                if holds is not None and beacon in holds:
                    found.add(number)
                elif holds is None and (beacon in content or b"-----BEGIN" in content):
                    perhaps.add(number)
        return tuple({GOOD} if number in found else {GOOD, UNTRUSTED} if number in perhaps else {UNTRUSTED}
                     for number in range(len(self.beacons)))


Late = collections.namedtuple("Late", "seconds beacon verdict at deed")


class Timeline:
    """Which verdicts were right when; times are CLOCK_MONOTONIC's.

    While a deed is done, what was right before it and what is right after it are, and whatever it says meanwhile.
    """

    def __init__(self, at, right, deed):
        self.times, self.right, self.deeds = [at], [right], [deed]

    def add(self, begun, ended, right, deed, meanwhile):
        self.times += [begun, ended]
        self.right += [tuple(old | new | meanwhile for old, new in zip(self.right[-1], right)), right]
        self.deeds += [deed, deed]

    def judge(self, sent, received, beacon, verdict):
        """None for a verdict that was right at some moment between question and answer, and for no verdict."""
        at = bisect.bisect_right(self.times, sent) - 1
        last = bisect.bisect_right(self.times, received) - 1
        if at < 0 or verdict == ERROR:
            return None
        if any(verdict in self.right[i][beacon] for i in range(at, last + 1)):
            return None
        while at >= 0 and verdict not in self.right[at][beacon]:
            at -= 1
        at += 1
        return Late(sent - self.times[at], beacon, verdict, at, self.deeds[at])

    def changes(self, beacon):
        """The moments after which a verdict that was right before the deed is right no more."""
        return [i for i in range(2, len(self.times), 2) if self.right[i - 2][beacon] - self.right[i][beacon]]


def lateness(timeline, verdicts, n_beacons, untold):
    """The latest verdict after each change, None where none was late; but not after the deeds @untold."""
    latest = {(beacon, i): None for beacon in range(n_beacons) for i in timeline.changes(beacon)}
    for sent, received, beacon, verdict in verdicts:
        found = timeline.judge(sent, received, beacon, verdict)
        key = (beacon, found.at) if found else None
        if found and (not latest.get(key) or found.seconds > latest[key].seconds):
            latest[key] = found
    return [late for (_, at), late in latest.items() if timeline.deeds[at] not in untold]
