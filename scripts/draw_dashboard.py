"""Draw the dashboard of template.yaml in its own layout, with the data of a made-up day. Prints the picture.

PYTHONPATH=Tests/Deployment .venv/bin/python scripts/draw_dashboard.py >docs/dashboard.svg
"""

import pathlib
import textwrap
from xml.sax.saxutils import escape

import stack
import watched
from example_day import BY_KEY, SERIES, TABLES

COLUMN, ROW, LEFT, TOP, GAP = 40, 27, 24, 50, 8
COLOURS = ["#2f4b8f", "#b36b00", "#1d7a4c", "#8f2f2f"]
DARK, GREY, RULE = "#1c1f24", "#4a4f57", "#d5d8de"
TEMPLATE = pathlib.Path(__file__).parents[1] / "template.yaml"


def picture(widgets):
    height = TOP + ROW * max(w["y"] + w["height"] for w in widgets) + 14
    titles = ", ".join(w["properties"]["title"] for w in widgets)
    description = "\n    ".join(textwrap.wrap(escape(f"The widgets, row by row: {titles}."), 108))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 {height}" role="img"
     aria-labelledby="title description" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="11">
  <title id="title">The dashboard, with a made-up day</title>
  <desc id="description">{description}</desc>
  <!-- A card of its own colour, so that it reads the same on a light and on a dark page. -->
  <rect x="1" y="1" width="998" height="{height - 2}" rx="12" fill="#fbfbf8" stroke="#8a8f98"/>
  {text(LEFT, 32, "The dashboard, with a made-up day: drawn, not measured", size=15, bold=True)}
{"".join(map(card, widgets))}</svg>
"""


def card(widget):
    x, y = LEFT + COLUMN * widget["x"], TOP + ROW * widget["y"]
    width, height = COLUMN * widget["width"] - GAP, ROW * widget["height"] - GAP
    title = widget["properties"]["title"]
    inside = (x + 12, y + 32, width - 24, height - 40)
    parts = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" fill="#ffffff" stroke="{RULE}"/>',
        text(x + 12, y + 19, title, size=12, bold=True),
        *(table(TABLES[title], *inside) if widget["type"] == "log" else chart(widget, *inside)),
    ]
    return "".join(f"  {part}\n" for part in parts)


def chart(widget, x, y, width, height):
    named = dict(lines(widget))
    is_stacked = widget["properties"].get("stacked", False)
    bottom, plot = y + height - 32, height - 40
    tops = [sum(values) if is_stacked else max(values) for values in zip(*named.values(), strict=True)]
    most = nice(max(tops))
    yield f'<path d="M{x} {bottom - plot} H{x + width} M{x} {bottom} H{x + width}" stroke="{RULE}"/>'
    yield text(x, bottom - plot - 3, f"{most:,g}", fill=GREY)
    yield text(x, bottom + 13, "24 hours ago", fill=GREY)
    yield text(x + width, bottom + 13, "now", anchor="end", fill=GREY)
    below = [0] * len(tops)
    for values, colour in zip(named.values(), COLOURS, strict=False):
        above = [b + v for b, v in zip(below, values, strict=True)] if is_stacked else values
        step = width / len(values)
        spots = [(x + step * n, bottom - plot * value / most) for n, value in enumerate(above)]
        if is_stacked:
            bars = [
                f"M{left:.1f} {top:.1f}h{max(step - 0.8, 1.6):.1f}V{bottom - plot * low / most:.1f}H{left:.1f}z"
                for (left, top), low, value in zip(spots, below, values, strict=True)
                if value
            ]
            yield f'<path d="{"".join(bars)}" fill="{colour}"/>'
            below = above
        else:
            way = " ".join(f"{left:.1f} {top:.1f}" for left, top in spots)
            yield f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="1.3" stroke-linejoin="round"/>'
    yield from legend(named, x, bottom + 29)


def lines(widget):
    """Yield the label and the values of each line."""
    for computed, *_ in widget["properties"]["metrics"]:
        if "label" in computed and computed["expression"] == "100 * hits / lookups":
            hits, lookups = SERIES["cache_hits"], SERIES["cache_lookups"]
            yield (
                computed["label"],
                [100 * hit / asked if asked else 0 for hit, asked in zip(hits, lookups, strict=True)],
            )
    for metric, entry in zip(watched.of_widget(widget), watched.entries(widget), strict=True):
        if entry[-1].get("visible") is False:
            continue
        if metric.dimensions == ("function", "key"):
            yield from BY_KEY[metric.name].items()
        else:
            options = entry[-1]
            statistic = options.get("stat", widget["properties"]["stat"])
            name = f"{metric.name} {statistic}" if statistic.startswith("p") else metric.name
            yield options["label"], SERIES[name]


def legend(labels, x, y):
    for label, colour in zip(labels, COLOURS, strict=False):
        yield f'<rect x="{x}" y="{y - 8}" width="8" height="8" fill="{colour}"/>'
        yield text(x + 11, y, label, size=10)
        x += 18 + 5.9 * len(label)


def table(rows, x, y, width, height):
    """Draw a table. A column's width follows its longest cell; words are left-aligned, numbers right-aligned."""
    lengths = [max(len(row[column]) for row in rows) + 1.5 for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        line = y + 12 + number * 20
        left = x
        for column, cell in enumerate(row):
            wide = width * lengths[column] / sum(lengths)
            is_number = rows[1][column].replace(",", "").replace(".", "").isdigit()
            at, anchor = (left + wide - 6, "end") if is_number else (left, "start")
            yield text(at, line, cell, anchor=anchor, fill=DARK if number else GREY)
            left += wide
        yield f'<path d="M{x} {line + 6} H{x + width}" stroke="{RULE}"/>'


def nice(value):
    """Return the next round number."""
    unit = 10.0 ** len(str(int(value))) / 10 if value >= 1 else 0.1 if value > 0.1 else 0.01
    return next(unit * factor for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if value <= unit * factor)


def text(x, y, words, size=None, bold=False, anchor="start", fill=DARK):
    more = (f' font-size="{size}"' if size else "") + (' font-weight="bold"' if bold else "")
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}"{more}>{escape(words)}</text>'


if __name__ == "__main__":
    deployed = stack.deploy(stack.read(TEMPLATE), {"ClientKey": "a key of 16 letters"})
    print(picture(watched.widgets(deployed)), end="")
