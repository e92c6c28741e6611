#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""install.py README [SANITIZERS]: what is installed is enough to build the README's program, by pkg-config and by CMake."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import uatrust

LISTS = """cmake_minimum_required(VERSION 3.25)
project(example LANGUAGES C)
find_package(uatrust 0.1 REQUIRED)
add_executable(example example.c)
target_link_libraries(example PRIVATE uatrust::uatrust)
"""


def run(*command, **more):
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode:
        print(*command, done.stdout, sep="\n")
        sys.exit(1)
    return done.stdout


def setting(name):
    """A variable of CMake, as the build was configured."""
    cache = (uatrust.BUILD / "CMakeCache.txt").read_text()
    return re.search(rf"^{name}:\w+=(.*)$", cache, re.M).group(1)


def ask(program, library_dir, certificate):
    """Nobody answers, which the program says."""
    environment = {**os.environ, "UATRUST_SOCKET": "/nonexistent", "LD_LIBRARY_PATH": str(library_dir)}
    done = subprocess.run([program, certificate], env=environment, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 2 or "could not ask" not in done.stderr:
        print(program, done.returncode, done.stderr)
        sys.exit(1)


def main():
    readme, sanitizers = sys.argv[1], [f"-fsanitize={names}" for names in sys.argv[2:] if names]
    source = re.search(r"```c\n(.*?)```", pathlib.Path(readme).read_text(encoding="utf-8"), re.S).group(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        root = folder / "root"
        run("cmake", "--install", uatrust.BUILD, env={**os.environ, "DESTDIR": str(root)})
        prefix = root / setting("CMAKE_INSTALL_PREFIX").lstrip("/")
        library_dir = prefix / setting("CMAKE_INSTALL_LIBDIR")
        (folder / "example.c").write_text(source)
        (folder / "CMakeLists.txt").write_text(LISTS)
        certificate = folder / "certificate.der"
        certificate.write_bytes(uatrust.mint("[cert a]\nsubject = CN=A\n")["a.der"])

        found = {**os.environ, "PKG_CONFIG_PATH": str(library_dir / "pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": str(root)}
        flags = run("pkg-config", "--cflags", "--libs", "libuatrust", env=found).split()
        run("cc", "-std=c99", *sanitizers, "-o", folder / "example", folder / "example.c", *flags)
        ask(folder / "example", library_dir, certificate)

        run("cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_C_FLAGS={' '.join(sanitizers)}")
        run("cmake", "--build", folder / "build")
        ask(folder / "build/example", library_dir, certificate)

        if shutil.which("scdoc") and not list(prefix.glob("share/man/man3/uatrust_validate.3")):
            print("no man page is installed")
            sys.exit(1)


if __name__ == "__main__":
    main()
