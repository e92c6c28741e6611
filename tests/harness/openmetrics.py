# SPDX-License-Identifier: Apache-2.0
"""Reads a text exposition as the OpenMetrics specification 1.0 has it, by its grammar and its rules in words, and refuses
what is none. Timestamps and exemplars, which are optional, are refused, too."""

import math
import re

TYPES = {"counter": ("_total", "_created"), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum", "_created"),
         "gaugehistogram": ("_bucket", "_gcount", "_gsum"), "stateset": ("",), "info": ("_info",),
         "summary": ("", "_count", "_sum", "_created"), "unknown": ("",)}
SUFFIXES = sorted({suffix for suffixes in TYPES.values() for suffix in suffixes if suffix})

NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL_NAME = "[a-zA-Z_][a-zA-Z0-9_]*"
ESCAPED = r'(?:[^\n"\\]|\\["\\n])*'
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN]"
DESCRIPTOR = re.compile(rf"# (TYPE|UNIT|HELP) ({NAME}) (.*)")
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:{LABEL_NAME}="{ESCAPED}"(?:,{LABEL_NAME}="{ESCAPED}")*)?)\}})? ({NUMBER})')
LABEL = re.compile(rf'({LABEL_NAME})="({ESCAPED})"')


class Fault(Exception):
    pass


class Family:
    def __init__(self, name):
        self.name, self.type, self.unit, self.help = name, "unknown", None, None
        self.described, self.samples = set(), []

    def values(self, suffix=""):
        """Labels, without le, and their value."""
        return {tuple(sorted(labels.items())): value for name, labels, value in self.samples
                if name == self.name + suffix}


def need(holds, what):
    if not holds:
        raise Fault(what)


def unescape(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def read_descriptor(line, families, current):
    match = DESCRIPTOR.fullmatch(line)
    need(match, f"no descriptor: {line}")
    kind, name, text = match.groups()
    if not current or current.name != name:
        need(name not in families, f"{name} begins twice")
        current = families[name] = Family(name)
    need(not current.samples, f"{name}: {kind} after its samples")
    need(kind not in current.described, f"{name}: {kind} twice")
    current.described.add(kind)
    if kind == "TYPE":
        need(text in TYPES, f"{name}: no type {text}")
        current.type = text
    elif kind == "UNIT":
        need(name.endswith("_" + text) and re.fullmatch("[a-zA-Z0-9_:]+", text), f"{name}: not of the unit {text}")
        current.unit = text
    else:
        need(re.fullmatch(ESCAPED, text), f"{name}: bad help")
        current.help = unescape(text)
    return current


def read_sample(line, current):
    match = SAMPLE.fullmatch(line)
    need(match, f"no sample: {line}")
    name, text, value = match.groups()
    pairs = [(label, unescape(escaped)) for label, escaped in LABEL.findall(text or "")]
    labels = dict(pairs)
    need(len(labels) == len(pairs), f"a label twice: {line}")
    need(current and name in [current.name + suffix for suffix in TYPES[current.type]],
         f"of no family, or of another than before: {line}")
    need((name, labels) not in [(other, those) for other, those, _ in current.samples], f"twice: {line}")
    current.samples.append((name, labels, float(value)))


def check_histogram(family):
    groups = {}
    for name, labels, value in family.samples:
        if name == family.name + "_bucket":
            need(re.fullmatch(r"\+Inf|-?[0-9]+\.[0-9]+(e[+-][0-9]+)?|[0-9]e-[0-9]+", labels.get("le", "")),
                 f"{name}: no threshold: {labels}")
            rest = tuple(sorted((label, text) for label, text in labels.items() if label != "le"))
            groups.setdefault(rest, []).append((float(labels["le"]), value))
    for rest, buckets in groups.items():
        need(buckets == sorted(buckets), f"{family.name} {rest}: not in order, or not of all before")
        need([count for _, count in buckets] == sorted(count for _, count in buckets), f"{family.name} {rest}: shrinks")
        need(buckets[-1][0] == math.inf, f"{family.name} {rest}: without +Inf")
    need(len(family.values("_sum")) == len(family.values("_count")), f"{family.name}: sum and count go together")


def check_family(family, families):
    for suffix in SUFFIXES:
        other = families.get(family.name + suffix)
        need(not other or suffix not in TYPES[family.type], f"{other and other.name} clashes with {family.name}")
    if family.type in ("counter", "histogram"):
        need(all(value >= 0 for _, _, value in family.samples), f"{family.name}: below zero, or no number")
    if family.type == "histogram":
        check_histogram(family)


def read(data):
    """Name -> Family of the bytes of an exposition; Fault says what is wrong with it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(str(error)) from error
    need(text.endswith("# EOF\n"), "without an end")
    families, current = {}, None
    for line in text[:-len("# EOF\n")].split("\n")[:-1]:
        if line.startswith("#"):
            current = read_descriptor(line, families, current)
        else:
            read_sample(line, current)
    for family in families.values():
        check_family(family, families)
    return families
