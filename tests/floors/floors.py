#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every #include against agent/CMakeLists.txt: floors.py ROOT prints each breach and ends with 1 if there is any.

A file includes its own floor and those that add_floor() lets it see; a foreign library's headers only on the floor that
owns them; no two modules (x.c with x.h) reach each other. client-lib sees proto, never agent; the command sees
<uatrust/uatrust.h> alone.
"""

import pathlib
import re
import sys

# Beside add_floor(): what the folders that are no floors of the agent may see and own.
FOLDERS = {
    "proto": {"on": {"proto"}, "owns": {"json-c/"}},
    "client-lib/src": {"on": {"proto", "uatrust"}, "owns": set()},
    "client-lib/include": {"on": {"uatrust"}, "owns": set()},
    "client-lib/tool": {"on": {"uatrust"}, "owns": set()},
}

# Second owners that design has: (folder, header prefix).
ALSO_OWNS = {("agent/own", "openssl/")}

SYSTEM = set("""
    alloca.h assert.h byteswap.h ctype.h dirent.h dlfcn.h elf.h endian.h errno.h fcntl.h float.h fnmatch.h fts.h ftw.h
    getopt.h glob.h grp.h iconv.h ifaddrs.h inttypes.h langinfo.h libgen.h limits.h link.h locale.h malloc.h math.h mntent.h
    netdb.h poll.h pthread.h pwd.h sched.h search.h semaphore.h setjmp.h signal.h spawn.h stdalign.h stdarg.h
    stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h syslog.h termios.h
    threads.h time.h uchar.h unistd.h utime.h wchar.h wctype.h""".split())
SYSTEM_FOLDERS = ("arpa/", "asm/", "linux/", "net/", "netinet/", "sys/")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def read_floors(root):
    """The calls of add_floor(): folder -> what it may see, what it owns, its modules."""
    text = re.sub(r"#.*", "", (root / "agent/CMakeLists.txt").read_text())
    floors = {}
    for call in re.findall(r"^add_floor\(([^)]*)\)", text, re.M):
        name, *words = call.split()
        lists = {"MODULES": [], "ON": [], "OWNS": [], "LINK": []}
        for word in words:
            if word in lists:
                current = lists[word]
            else:
                current.append(word)
        owns = {word if word.endswith(".h") else word + "/" for word in lists["OWNS"]}
        floors["agent/" + name] = {"on": {name, *lists["ON"]}, "owns": owns, "modules": set(lists["MODULES"])}
    return floors


def sources(root, folder):
    return sorted(path for path in (root / folder).rglob("*.[ch]"))


class Check:
    def __init__(self, root):
        self.root = root
        self.floors = read_floors(root)
        self.folders = {**FOLDERS, **self.floors}
        self.breaches = []
        self.edges = {}

    def breach(self, path, text):
        self.breaches.append(f"{path.relative_to(self.root)}: {text}")

    def owners(self, header):
        owners = [folder for folder, rule in self.folders.items() if any(header.startswith(own) for own in rule["owns"])]
        return owners + [folder for folder, prefix in ALSO_OWNS if header.startswith(prefix)]

    def check_own(self, folder, path, header):
        """An include in quotes: "floor/x.h", or "x.h" in client-lib, which is one folder."""
        floor, slash, _ = header.partition("/")
        if not slash and folder.startswith("client-lib") and (path.parent / header).is_file():
            target = path.parent / header
        elif not slash:
            return self.breach(path, f'"{header}" does not name its floor')
        elif floor not in self.folders[folder]["on"]:
            return self.breach(path, f'"{header}" is not on a floor that {folder} may include')
        else:
            target = (self.root if floor == "proto" else self.root / "agent") / header
        self.edges.setdefault(self.module(path), set()).add(self.module(target))

    def module(self, path):
        return str(path.relative_to(self.root).with_suffix(""))

    def check_foreign(self, folder, path, header):
        """An include in angles: <x.h>."""
        owners = self.owners(header)
        if owners:
            if folder not in owners:
                self.breach(path, f"<{header}> belongs to {' and '.join(owners)}")
        elif header.startswith("uatrust/"):
            if "uatrust" not in self.folders[folder]["on"]:
                self.breach(path, f"<{header}> is for clients")
        elif header not in SYSTEM and not header.startswith(SYSTEM_FOLDERS):
            self.breach(path, f"<{header}> is of a library that no floor owns")

    def check_file(self, folder, path):
        self.edges.setdefault(self.module(path), set())
        for kind, header in INCLUDE.findall(path.read_text()):
            if kind == '"':
                self.check_own(folder, path, header)
            else:
                self.check_foreign(folder, path, header)

    def check_modules(self, folder):
        """Every file is of a module that add_floor() lists."""
        for path in sources(self.root, folder):
            if path.stem not in self.floors[folder]["modules"]:
                self.breach(path, f"no module of {folder} in add_floor()")

    def check_strays(self):
        """Every folder of the agent is a floor."""
        for path in sources(self.root, "agent"):
            if str(path.parent.relative_to(self.root)) not in self.floors:
                self.breach(path, "is on no floor")

    def check_circles(self):
        """No module reaches itself: what is left when modules that reach nothing are taken away, again and again."""
        rest = {module: seen - {module} for module, seen in self.edges.items()}
        while True:
            bare = {module for module, seen in rest.items() if not seen & rest.keys()}
            used = set().union(*rest.values()) if rest else set()
            bare |= {module for module in rest if module not in used}
            if not bare:
                break
            rest = {module: seen for module, seen in rest.items() if module not in bare}
        if rest:
            self.breaches.append(f"modules in a circle: {' '.join(sorted(rest))}")

    def run(self):
        for folder in self.folders:
            for path in sources(self.root, folder):
                self.check_file(folder, path)
        for folder in self.floors:
            self.check_modules(folder)
        self.check_strays()
        self.check_circles()
        return self.breaches


def main():
    breaches = Check(pathlib.Path(sys.argv[1]).resolve()).run()
    print("\n".join(breaches) or "every include is on a floor that it may see")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
