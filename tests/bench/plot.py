# SPDX-License-Identifier: Apache-2.0
"""Log-log plots side by side, as SVG."""

import dataclasses
import html
import math

WIDTH, HEIGHT, COLUMNS = 320, 250, 3  # of a panel; panels beside each other
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 34, 44  # of a panel, around its axes
HEAD = 40  # above all panels, for the legend
COLOURS = ["#0b5fa5", "#c8501e", "#3d8b37", "#7a7a7a"]
MARKS = ["circle", "square", "triangle", "diamond"]


@dataclasses.dataclass
class Panel:
    """@tick: how a power of ten on the y axis is written. @series: name -> points (x, y), all above 0."""
    title: str
    x_label: str
    tick: callable
    series: dict


class Axis:
    """Whole powers of ten, at least one, laid out from @start to @end."""

    def __init__(self, values, start, end):
        self.low = math.floor(round(math.log10(min(values)), 6))
        self.high = max(math.ceil(round(math.log10(max(values)), 6)), self.low + 1)
        self.start, self.end = start, end

    def at(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        step = 2 if self.high - self.low > 6 else 1
        return [10.0**power for power in range(self.low, self.high + 1, step)]


def count(value):
    """10000.0 as 10k."""
    factor, name = (1e6, "M") if value >= 1e6 else (1e3, "k") if value >= 1e3 else (1, "")
    return f"{value / factor:g}{name}"


def text(x, y, content, anchor="middle", size=11, extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{extra}>'
            f"{html.escape(content)}</text>")


def line(x1, y1, x2, y2, colour):
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"/>'


def mark(kind, x, y, colour):
    if kind == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{colour}"/>'
    shape = {"square": "M-3 -3h6v6h-6z", "triangle": "M0 -4.2L3.9 3H-3.9z", "diamond": "M0 -4.3L4.3 0L0 4.3L-4.3 0z"}[kind]
    return f'<path transform="translate({x:.1f} {y:.1f})" d="{shape}" fill="{colour}"/>'


def draw_series(points, x, y, colour, kind):
    path = "L".join(f"{x.at(a):.1f} {y.at(b):.1f}" for a, b in points)
    return [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
            *(mark(kind, x.at(a), y.at(b), colour) for a, b in points)]


def draw_axes(panel, x, y):
    out = [text((x.start + x.end) / 2, TOP - 14, panel.title, size=13, extra=' font-weight="bold"')]
    for value in y.ticks():
        out += [line(x.start, y.at(value), x.end, y.at(value), "#d8d8d8"),
                text(x.start - 6, y.at(value) + 4, panel.tick(value), anchor="end")]
    for value in x.ticks():
        out += [line(x.at(value), y.start, x.at(value), y.end, "#ececec"),
                text(x.at(value), y.start + 16, count(value))]
    out += [f'<path d="M{x.start} {y.end}V{y.start}H{x.end}" fill="none" stroke="#444"/>',
            text((x.start + x.end) / 2, y.start + 34, panel.x_label)]
    return out


def draw_panel(panel, look):
    """@look: name of a series -> colour and mark, the same in every panel."""
    points = [point for series in panel.series.values() for point in series]
    x = Axis([point[0] for point in points], LEFT, WIDTH - RIGHT)
    y = Axis([point[1] for point in points], HEIGHT - BOTTOM, TOP)
    out = draw_axes(panel, x, y)
    for name, series in panel.series.items():
        out += draw_series(series, x, y, *look[name])
    return out


def draw_legend(look):
    out, x = [], LEFT
    for name, (colour, kind) in look.items():
        out += [f'<path d="M{x} 20h26" stroke="{colour}" stroke-width="2"/>', mark(kind, x + 13, 20, colour),
                text(x + 34, 24, name, anchor="start", size=13)]
        x += 60 + 8 * len(name)
    return out


def draw(panels, caption):
    """The text of an SVG. Panels without a point are left out."""
    panels = [dataclasses.replace(panel, series={name: points for name, points in panel.series.items() if points})
              for panel in panels]
    panels = [panel for panel in panels if panel.series]
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    look = {name: (COLOURS[i % len(COLOURS)], MARKS[i % len(MARKS)]) for i, name in enumerate(names)}
    columns = min(COLUMNS, len(panels)) or 1
    width, height = columns * WIDTH, HEAD + math.ceil(len(panels) / columns) * HEIGHT + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="DejaVu Sans, Verdana, Arial, sans-serif" fill="#222">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>', *draw_legend(look)]
    for i, panel in enumerate(panels):
        out += [f'<g transform="translate({i % columns * WIDTH} {HEAD + i // columns * HEIGHT})">',
                *draw_panel(panel, look), "</g>"]
    return "\n".join([*out, text(width - RIGHT, height - 8, caption, anchor="end", size=10), "</svg>"]) + "\n"
