# SPDX-License-Identifier: Apache-2.0
"""What can happen to a PKI directory: random deeds, each a method of Deeds, all from one seed.

The store lies at BASE/store; BASE/outside holds what links lead out to and what was moved away. Whatever a deed finds
impossible (there is no such directory any more, somebody is in the way) is left undone, and another one is done.
"""

import ctypes
import os
import random
import re
import shutil
import socket
import stat

ROLES = ("trusted/certs", "trusted/crl", "issuers/certs", "issuers/crl", "issuer/certs", "own/certs", "rejected/certs",
         "blocked")
NAMES = ("a.der", "b.crt", "c.pem", "d", "e.crl", "plant.der", "root.der", "plant.crl", "root.crl", "f [0A1B].der")
TRIES = 20
TEMPORARY = (".hidden", "half.tmp", "copy~", "#edited#")
SMALL = 64 * 1024

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE, AT_SYMLINK_FOLLOW = -100, 2, 0x400
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 0x20000, 0x1000, 0x4000, 0x40000, 2


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def text(path):
    return os.fsencode(path)


def mount(source, target, kind=None, flags=0, data=None):
    check(LIBC.mount(text(source), text(target), text(kind) if kind else None, ctypes.c_ulong(flags),
                     text(data) if data else None))


def own_mounts():
    """From here on mounts are this process's and its children's; they end with them. Raises OSError if not allowed."""
    check(LIBC.unshare(CLONE_NEWNS))
    mount("none", "/", flags=MS_REC | MS_PRIVATE)


class Deeds:
    """certs, crls, blocks (records of what is blocked) and junk: name -> content."""

    def __init__(self, base, seed, certs, crls, blocks, junk, can_mount=False):
        self.base, self.store, self.outside = base, base / "store", base / "outside"
        self.random = random.Random(seed)
        self.certs, self.crls, self.blocks, self.junk = certs, crls, blocks, junk
        self.can_mount = can_mount
        self.away, self.open = [], []
        self.sleep = lambda: None   # between the steps of one deed
        self.settle = lambda: None  # until the agent has looked
        self.is_untold = False     # the last deed did what the kernel may tell no watch of a directory
        self.n = 0
        self.outside.mkdir(parents=True)
        self.everything_is_put_right()

    # What deeds are made of

    def some(self, options):
        return self.random.choice(list(options))

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def new_name(self, what):
        self.n += 1
        return self.outside / f"{what}-{self.n}"

    def role(self):
        return self.store / (ROLES[0] if self.chance(2) else self.some(ROLES))

    def path(self):
        """A name in a role directory, in one of two cases one that is there."""
        folder = self.role()
        there = [name for name in self.list(folder) if name in NAMES]
        return folder / (self.some(there) if there and self.chance(2) else self.some(NAMES))

    def list(self, folder):
        try:
            return sorted(os.listdir(folder))
        except OSError:
            return []

    def content(self, path):
        """What mostly belongs there, sometimes several objects, and sometimes junk."""
        if self.chance(8):
            return self.some(self.junk.values())
        if path.parent.name == "blocked" and self.chance(2):
            return self.some(self.blocks.values())
        kind = self.crls if (path.parent.name == "crl") != self.chance(10) else self.certs
        n = self.random.randrange(2, 4) if self.chance(6) else 1
        return b"".join(self.some(kind.values()) for _ in range(n))

    def write(self, path, content, flags=os.O_TRUNC, steps=1):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOFOLLOW | flags, 0o644)
        try:
            self.note_names(os.fstat(fd))
            size = max(1, len(content) // steps)
            for at in range(0, len(content), size):
                if at:
                    self.sleep()
                os.write(fd, content[at:at + size])
        finally:
            os.close(fd)

    def note_names(self, status):
        """A file of several names tells only the directory of the name that was used."""
        self.is_untold |= status.st_nlink > 1

    def beside(self, path):
        return path.with_name(f".{path.name}.{self.n}")

    def remove(self, path):
        """Whatever it is; not through mounts."""
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    # Files

    def file_is_replaced(self):
        path = self.path()
        self.n += 1
        temporary = self.beside(path)
        self.write(temporary, self.content(path))
        try:
            os.rename(temporary, path)
        except OSError:
            temporary.unlink()
            raise
        return path

    def file_is_written_in_place(self):
        path = self.path()
        self.write(path, self.content(path), steps=self.random.randrange(1, 4))
        return path

    def file_is_appended_to(self):
        path = self.path()
        self.write(path, self.content(path), flags=os.O_APPEND)
        return path

    def file_is_rewritten_at_its_size(self):
        """The same length, and perhaps the same mtime."""
        path = self.path()
        before = os.lstat(path)
        if not stat.S_ISREG(before.st_mode) or before.st_size > SMALL:
            raise FileNotFoundError(path)
        same = [content for content in self.certs.values() if len(content) == before.st_size]
        self.write(path, self.some(same) if same else self.random.randbytes(before.st_size), flags=0)
        if self.chance(2):
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return path

    def file_is_left_half_written(self):
        """Somebody writes, and goes on later: see what_is_open_is_finished."""
        path = self.path()
        content = self.content(path)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK | os.O_NOFOLLOW, 0o644)
        os.write(fd, content[:len(content) // 2])
        self.open.append((fd, content[len(content) // 2:]))
        return path

    def what_is_open_is_finished(self):
        fd, rest = self.open.pop()
        self.note_names(os.fstat(fd))
        os.write(fd, rest)
        os.close(fd)
        return rest[:8]

    def file_is_truncated(self):
        path = self.path()
        before = os.lstat(path)
        if not stat.S_ISREG(before.st_mode):
            raise FileNotFoundError(path)
        self.note_names(before)
        os.truncate(path, self.random.randrange(min(before.st_size, SMALL) + 1))
        return path

    def file_is_removed(self):
        path = self.path()
        path.unlink()
        return path

    def file_is_renamed(self):
        path, other = self.path(), self.path()
        os.rename(path, other)
        return path, other

    def files_are_exchanged(self):
        path, other = self.path(), self.path()
        check(LIBC.renameat2(AT_FDCWD, text(path), AT_FDCWD, text(other), RENAME_EXCHANGE))
        return path, other

    def file_is_moved_out_or_in(self):
        path, other = self.path(), self.outside / self.some(NAMES)
        if self.chance(2):
            path, other = other, path
        os.rename(path, other)
        return path, other

    def file_appears_without_a_name(self):
        """O_TMPFILE, then linked to its name."""
        path = self.path()
        fd = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o644)
        try:
            os.write(fd, self.content(path))
            check(LIBC.linkat(AT_FDCWD, text(f"/proc/self/fd/{fd}"), AT_FDCWD, text(path), AT_SYMLINK_FOLLOW))
        finally:
            os.close(fd)
        return path

    def file_gets_a_second_name(self):
        path, other = self.path(), self.path() if self.chance(2) else self.outside / self.some(NAMES)
        if self.chance(2):
            path, other = other, path
        if path.is_symlink() or not path.is_file():
            raise FileNotFoundError(path)
        os.link(path, other)
        return path, other

    def file_is_written_by_a_name_outside(self):
        path = self.outside / self.some(NAMES)
        if path.is_symlink() or not path.is_file():
            raise FileNotFoundError(path)
        self.write(path, self.content(path))
        return path

    def file_is_forbidden_or_allowed(self):
        path = self.path()
        before = os.lstat(path)
        if not stat.S_ISREG(before.st_mode):
            raise FileNotFoundError(path)
        self.note_names(before)
        os.chmod(path, 0o644 if not before.st_mode & 0o004 else 0)
        return path

    def something_special_appears(self):
        path = self.role() / self.some(NAMES + ("pipe", "socket", "device"))
        kind = self.random.randrange(3)
        if kind == 0:
            os.mkfifo(path)
        elif kind == 1:
            here = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
            try:
                with socket.socket(socket.AF_UNIX) as listener:
                    listener.bind(f"/proc/self/fd/{here}/{path.name}")
            finally:
                os.close(here)
        elif os.geteuid() == 0:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero has no end
        return path

    def junk_appears(self):
        names = TEMPORARY + ("README.txt", "x" * 255, "line\nbreak", b"\xff\xfe".decode("utf-8", "surrogateescape"))
        path = self.role() / self.some(names)
        if self.chance(4):
            self.write(path, b"")
            os.truncate(path, 1 << 40)
        else:
            self.write(path, self.some(self.junk.values()))
        return path

    def directory_stands_where_a_file_was(self):
        path = self.path()
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            path.mkdir()
            self.write(path / "a.der", self.some(self.certs.values()))
        else:
            shutil.rmtree(path)
        return path

    def many_files_come_at_once(self):
        folder = self.role()
        n = self.random.randrange(100, 600)
        content = self.some((self.certs["plant"], self.junk["text"], self.junk["rubbish"], self.crls["root"]))
        for i in range(n):
            self.write(folder / f"flood-{i}", content)
        return folder, n

    def many_files_go_at_once(self):
        for role in ROLES:
            for name in self.list(self.store / role):
                if name.startswith("flood-"):
                    os.unlink(self.store / role / name)
        return self.store

    def file_changes_in_the_midst_of_others(self):
        """More is told at once than a short queue holds."""
        path = self.path()
        content = self.content(path)
        for i in range(100):
            if i == 50:
                self.write(path, content)
            other = path.parent / TEMPORARY[i % len(TEMPORARY)]
            self.write(other, b"")
            other.unlink()
        return path

    # Links

    def link_in_the_directory_appears(self):
        path = self.path()
        target = self.some((self.some(NAMES), "../../../outside/" + self.some(NAMES), "nowhere", path.name,
                            str(self.outside / self.some(NAMES)), str(path.parent / self.some(NAMES)), "/dev/zero"))
        self.n += 1
        temporary = self.beside(path)
        os.symlink(target, temporary)
        os.rename(temporary, path)
        return path, target

    def data_is_swapped(self):
        """As Kubernetes mounts a ConfigMap: names lead through ..data, which is re-pointed by rename."""
        folder = self.role()
        self.n += 1
        version = folder / f"..{self.n}"
        version.mkdir()
        for name in self.random.sample(NAMES, 3):
            self.write(version / name, self.content(folder / name))
            if not os.path.lexists(folder / name):
                os.symlink(f"..data/{name}", folder / name)
        before = os.readlink(folder / "..data") if (folder / "..data").is_symlink() else None
        os.symlink(version.name, folder / "..data_tmp")
        os.rename(folder / "..data_tmp", folder / "..data")
        if before:
            self.sleep()
            shutil.rmtree(folder / before, ignore_errors=True)
        return folder, version.name

    def file_behind_a_link_is_written(self):
        """In a directory below a role directory, which nobody watches."""
        folder = self.role()
        if not (folder / "..data").is_dir():
            raise FileNotFoundError(folder)
        path = folder / "..data" / self.some(self.list(folder / "..data"))
        self.write(path, self.content(folder / path.name))
        self.is_untold = True
        return path

    # Directories

    def folder(self):
        """A role directory, one above it, or the store."""
        role = self.role()
        return self.some((role, role, role, role.parent, role.parent, self.store))

    def prepared(self, folder):
        """A directory outside that could take the place of one in the store."""
        made = self.new_name("made")
        for role in ROLES:
            path = self.store / role
            if not (path == folder or folder in path.parents):
                continue
            target = made / path.relative_to(folder)
            target.mkdir(parents=True, exist_ok=True)
            for name in self.random.sample(NAMES, 3):
                self.write(target / name, self.content(path / name))
        made.mkdir(exist_ok=True)
        return made

    def directory_is_removed(self):
        folder = self.folder()
        self.remove(folder)
        return folder

    def directory_appears(self):
        folder = self.store / self.some(ROLES)
        folder.mkdir(parents=True)
        if self.chance(2):
            self.write(folder / self.some(NAMES), self.some(self.certs.values()))
        return folder

    def directory_is_replaced(self):
        folder = self.folder()
        made, old = self.prepared(folder), self.new_name("old")
        if self.chance(2) and folder.exists():
            check(LIBC.renameat2(AT_FDCWD, text(made), AT_FDCWD, text(folder), RENAME_EXCHANGE))
        else:
            if os.path.lexists(folder):
                os.rename(folder, old)
            self.sleep()
            os.rename(made, folder)
        return folder

    def directory_is_renamed_away(self):
        folder, away = self.folder(), self.new_name("away")
        os.rename(folder, away)
        self.away.append((folder, away))
        return folder, away

    def directory_comes_back(self):
        folder, away = self.some(self.away)
        self.away.remove((folder, away))
        os.rename(away, folder)
        return folder, away

    def what_was_renamed_away_changes(self):
        """Its watch still tells of it; it is none of ours any more."""
        _, away = self.some(self.away)
        self.write(away / self.some(NAMES), self.some(self.certs.values()))
        return away

    def folder_without_lists_takes_the_place_of_the_store(self):
        made, away = self.new_name("made"), self.new_name("away")
        (made / self.some(("own/certs", "rejected/certs"))).mkdir(parents=True)
        os.rename(self.store, away)
        self.away.append((self.store, away))
        os.rename(made, self.store)
        return self.store

    def directory_becomes_a_link(self):
        """A link of the administrator's, absolute or relative, and each time to another place."""
        folder = self.folder()
        target = self.prepared(folder)
        if self.chance(2):
            target = os.path.relpath(target, os.path.realpath(folder.parent))
        self.n += 1
        temporary = self.outside / f"link-{self.n}"
        os.symlink(target, temporary)
        if folder.is_dir() and not folder.is_symlink():
            os.rename(folder, self.new_name("old"))
        os.rename(temporary, folder)
        return folder, target

    def directory_becomes_a_file(self):
        folder = self.some((self.role(), self.role().parent))
        self.remove(folder)
        self.write(folder, b"no directory")
        return folder

    def directory_becomes_a_loop(self):
        folder = self.role()
        self.remove(folder)
        os.symlink(folder.name, folder)
        return folder

    def directory_is_forbidden_or_allowed(self):
        folder = self.folder()
        mode = os.stat(folder).st_mode
        os.chmod(folder, 0o755 if not mode & 0o004 else self.some((0, 0o711, 0o744)))
        return folder

    # Mounts

    def something_is_mounted_over(self):
        if not self.can_mount:
            raise PermissionError
        folder = self.folder()
        made = self.prepared(folder)
        if self.chance(2):
            mount("tmpfs", folder, "tmpfs", data="size=16m,mode=0755")
            shutil.copytree(made, folder, dirs_exist_ok=True)
        else:
            mount(made, folder, flags=MS_BIND)
        return folder

    def mounted(self):
        """The mount points below BASE, wherever they were moved to; the last one first."""
        with open("/proc/self/mountinfo") as mounts:
            points = [re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), line.split()[4]) for line in mounts]
        return [point for point in reversed(points) if point.startswith(f"{self.base}/")]

    def something_is_unmounted(self):
        path = self.mounted()[0]
        check(LIBC.umount2(text(path), MNT_DETACH))
        return path

    # What nobody tells the agent, once it has looked: it has to know that it was not told

    def file_changes_by_a_name_outside_and_no_more_happens(self):
        path, other = self.path(), self.new_name("name")
        self.write(path, self.content(path))
        os.link(path, other)
        self.settle()
        self.write(other, self.content(path))
        return path

    def file_changes_behind_a_link_and_no_more_happens(self):
        folder = self.role()
        below = folder / "below"
        below.mkdir(exist_ok=True)
        path = folder / self.some(NAMES)
        self.write(below / path.name, self.content(path))
        if os.path.lexists(path):
            self.remove(path)
        os.symlink(f"below/{path.name}", path)
        self.settle()
        self.write(below / path.name, self.content(path))
        self.is_untold = True
        return path

    def file_that_is_mounted_changes_where_it_lies_and_no_more_happens(self):
        if not self.can_mount:
            raise PermissionError
        path, source = self.path(), self.new_name("source")
        for place in (path, source):
            self.write(place, self.content(path))
        mount(source, path, flags=MS_BIND)
        self.settle()
        self.write(source, self.content(path))
        self.is_untold = True
        return path

    def directory_is_replaced_in_one_that_may_not_be_watched(self):
        folder = self.role()
        made = self.prepared(folder)
        self.settle()
        os.chmod(folder.parent, 0o711)
        self.settle()
        check(LIBC.renameat2(AT_FDCWD, text(made), AT_FDCWD, text(folder), RENAME_EXCHANGE))
        self.is_untold = True
        return folder

    # All of it

    def everything_is_put_right(self):
        """A good store again, whatever it was."""
        self.end()
        self.away.clear()
        self.n += 1
        fresh = self.outside / f"fresh-{self.n}"
        for role in ROLES:
            (fresh / role).mkdir(parents=True)
        for name in ("plant", "root"):
            folder = fresh / ("trusted" if name == "plant" else "issuers")
            self.write(folder / "certs" / (name + ".der"), self.certs[name])
            self.write(folder / "crl" / (name + ".crl"), self.crls[name])
        if os.path.lexists(self.store):
            self.remove(self.store)
        os.rename(fresh, self.store)
        for path in self.outside.iterdir():
            self.remove(path)
        return self.store

    def some_deed(self, deeds=None):
        """Does one, of all by their weights or one of @deeds.

        Where something is in the way, another one. Returns the names of all that were tried, the last of which was
        done, and what was done.
        """
        self.is_untold = False
        tried = []
        for _ in range(TRIES):
            deed = self.some(deeds) if deeds else self.random.choices(*zip(*WEIGHTS))[0]
            tried.append(deed.__name__)
            try:
                return tried, deed(self)
            except (OSError, IndexError) as error:
                what = error
        return tried, what

    def end(self):
        """Leaves no mount and no open file behind."""
        for fd, _ in self.open:
            os.close(fd)
        self.open.clear()
        while self.mounted():
            self.something_is_unmounted()


WEIGHTS = (
    (Deeds.file_is_replaced, 12),
    (Deeds.file_is_written_in_place, 10),
    (Deeds.file_is_appended_to, 4),
    (Deeds.file_is_rewritten_at_its_size, 8),
    (Deeds.file_is_left_half_written, 3),
    (Deeds.what_is_open_is_finished, 6),
    (Deeds.file_is_truncated, 3),
    (Deeds.file_is_removed, 8),
    (Deeds.file_is_renamed, 5),
    (Deeds.files_are_exchanged, 3),
    (Deeds.file_is_moved_out_or_in, 5),
    (Deeds.file_appears_without_a_name, 3),
    (Deeds.file_gets_a_second_name, 4),
    (Deeds.file_is_written_by_a_name_outside, 3),
    (Deeds.file_is_forbidden_or_allowed, 4),
    (Deeds.something_special_appears, 3),
    (Deeds.junk_appears, 4),
    (Deeds.directory_stands_where_a_file_was, 2),
    (Deeds.many_files_come_at_once, 0.5),
    (Deeds.many_files_go_at_once, 2),
    (Deeds.file_changes_in_the_midst_of_others, 3),
    (Deeds.link_in_the_directory_appears, 4),
    (Deeds.data_is_swapped, 6),
    (Deeds.file_behind_a_link_is_written, 2),
    (Deeds.directory_is_removed, 2),
    (Deeds.directory_appears, 12),
    (Deeds.directory_is_replaced, 3),
    (Deeds.directory_is_renamed_away, 3),
    (Deeds.directory_comes_back, 6),
    (Deeds.what_was_renamed_away_changes, 3),
    (Deeds.folder_without_lists_takes_the_place_of_the_store, 1),
    (Deeds.directory_becomes_a_link, 3),
    (Deeds.directory_becomes_a_file, 1),
    (Deeds.directory_becomes_a_loop, 1),
    (Deeds.directory_is_forbidden_or_allowed, 4),
    (Deeds.something_is_mounted_over, 3),
    (Deeds.something_is_unmounted, 5),
    (Deeds.everything_is_put_right, 6),
)

# After one of these nothing happens that could tell of it.
LAST = (
    Deeds.file_changes_by_a_name_outside_and_no_more_happens,
    Deeds.file_changes_behind_a_link_and_no_more_happens,
    Deeds.file_that_is_mounted_changes_where_it_lies_and_no_more_happens,
    Deeds.directory_is_replaced_in_one_that_may_not_be_watched,
    Deeds.something_is_mounted_over,
    Deeds.something_is_unmounted,
    Deeds.file_is_rewritten_at_its_size,
    Deeds.file_changes_in_the_midst_of_others,
)
