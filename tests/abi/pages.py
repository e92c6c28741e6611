#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pages.py [--write] MAP MAN_DIR HEADER...: the manual of the library's functions, section 3, says what the headers say.

Every function of the version map stands in the SYNOPSIS of one page, declared as in its header, and no other does. The
pages' words name no function that there is not. With --write each SYNOPSIS is made anew: of a line that is only a
function's name, or its declaration as it was, comes the declaration as it is.
"""

import pathlib
import re
import sys

FUNCTION = re.compile(r"\b(uatrust_\w+)\*?\((?!\d)")
BLOCK = re.compile(r"(# SYNOPSIS\n.*?```\n)(.*?)(```\n)", re.S)
WIDTH = 80


def declarations(header):
    """Name -> declaration of each function and function type of a header, in one line."""
    text = re.sub(r"/\*.*?\*/|^#.*?$|extern \"C\" \{", "", header.read_text(encoding="utf-8"), flags=re.S | re.M)
    found = {}
    for one in re.sub(r"\{.*?\}", "", text, flags=re.S).split(";"):
        name = re.search(r"\b(uatrust_\w+)\)?\(", one)
        if name:
            found[name.group(1)] = " ".join(one.split()).replace("( ", "(") + ";"
    return found


def wrapped(declaration):
    """Broken behind commas, and indented up to the opening parenthesis where that leaves room."""
    head, parameters = re.fullmatch(r"(.*?\()([^()]*\);)", declaration).groups()
    fits = len(head) + max(map(len, parameters.split(", "))) < WIDTH
    indent = " " * (len(head) if fits else 8)
    lines = [head] if fits else [head, indent]
    for i, parameter in enumerate(parameters.split(", ")):
        comma = "" if parameter.endswith(";") else ","
        if i and len(lines[-1]) + len(parameter) + 2 > WIDTH:
            lines.append(indent + parameter + comma)
        else:
            lines[-1] += (" " if i else "") + parameter + comma
    return "\n".join(line.rstrip() for line in lines)


def statements(block):
    """The declarations of a SYNOPSIS, in one line each; what is no function (#include, blank) as it is."""
    out, part = [], ""
    for line in block.splitlines():
        if not part and (not line.strip() or line.startswith(("#", "enum ", "struct uatrust_peer"))):
            out.append(line)
            continue
        part = f"{part} {line.strip()}".strip().replace("( ", "(")
        if part.endswith(";") or re.fullmatch(r"uatrust_\w+", part):
            out.append(part)
            part = ""
    return out + ([part] if part else [])


def name_of(statement):
    found = re.search(r"\b(uatrust_\w+)\)?\(", statement) or re.fullmatch(r"(uatrust_\w+)", statement)
    return found and not statement.startswith("#") and found.group(1)


def rewrite(page, known):
    text = page.read_text(encoding="utf-8")
    head, block, tail = BLOCK.search(text).groups()
    lines = [wrapped(known[name_of(one)]) if name_of(one) in known else one for one in statements(block)]
    page.write_text(text.replace(head + block + tail, head + "\n".join(lines) + "\n" + tail), encoding="utf-8")


def main():
    is_writing = sys.argv[1] == "--write"
    version_map, folder, *headers = map(pathlib.Path, sys.argv[2 if is_writing else 1:])
    mapped = re.findall(r"^\s+(uatrust_\w+);", version_map.read_text(encoding="utf-8"), flags=re.M)
    known = {name: text for header in headers for name, text in declarations(header).items()}
    pages, faults, seen = sorted(folder.glob("*.3.scd")), [], {}
    if is_writing:
        for page in pages:
            rewrite(page, known)

    for page in pages:
        text = page.read_text(encoding="utf-8")
        for one in statements(BLOCK.search(text).group(2)):
            name = name_of(one)
            if not name:
                continue
            if name in seen:
                faults.append(f"{page.name}: {name} stands in {seen[name]}, too")
            seen[name] = page.name
            if one != known.get(name):
                faults.append(f"{page.name}: not as in the header: {one}")
        faults += [f"{page.name}: there is no {name}" for name in FUNCTION.findall(text) if name not in known]
    faults += [f"{name} stands in no page" for name in mapped if name not in seen]
    print(*faults or [f"{len(mapped)} functions in {len(pages)} pages"], sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
