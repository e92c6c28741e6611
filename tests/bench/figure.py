# SPDX-License-Identifier: Apache-2.0
"""Figures as text: three digits, and a unit that suits."""


def number(value):
    """1234.5 as 1,230; 0.01234 as 0.0123."""
    if value >= 1000:
        digits = len(str(int(value)))
        return f"{round(value, 3 - digits):,.0f}"
    return f"{value:.3g}"


def scaled(value, units):
    """@value in the largest of @units, pairs (factor, name), the smallest first, of which there is at least one."""
    factor, name = max((unit for unit in units if value >= unit[0]), default=units[0])
    return f"{number(value / factor)} {name}"


def duration(ns):
    return scaled(ns, [(1, "ns"), (1e3, "us"), (1e6, "ms"), (1e9, "s")])


def seconds(s):
    return duration(s * 1e9)


def memory(kib):
    return scaled(kib * 1024, [(1e3, "kB"), (1e6, "MB"), (1e9, "GB")])


def rate(per_s):
    return f"{number(per_s)}/s"


def spread(p50_ns, p99_ns):
    return f"{duration(p50_ns)} (p99 {duration(p99_ns)})"
