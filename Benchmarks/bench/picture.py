"""The main figures as bars."""

from . import figures
from .subjects import BEDROCK_NAME, CACHES, DIRECT, PROXY_NAME, TLS_NAME

WIDTH, ROW, TOP, LABEL, BAR = 1000, 22, 62, 150, 210
PANELS = [
    ("Exec to the first poll, ms", figures.WARM_POLL),
    ("Processor time of 100 chunks 10 ms apart, ms", figures.PACED),
    ("Added latency of a chunk, one stream, p50, µs", figures.ONE_P50),
    ("Resident memory with one stream, MB", figures.RESIDENT),
]
SCALE = {figures.PACED: 1e-3}


def picture(samples, subjects):
    names = [subject.name for subject in subjects if subject.name not in (DIRECT, TLS_NAME, BEDROCK_NAME, *CACHES)]
    height = TOP + 2 * (len(names) * ROW + 50)
    panels = [
        _panel(samples, names, title, figure, 30 + (index % 2) * 490, TOP + (index // 2) * (len(names) * ROW + 60))
        for index, (title, figure) in enumerate(PANELS)
    ]
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title"
     font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="14">
  <title id="title">The proxy, the C floor and other proxies: start, processor time, latency, memory</title>
  <rect x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="12" fill="#fbfbf8" stroke="#8a8f98"/>
  <text x="30" y="34" fill="#4a4f57">Shorter is better. Each scale begins at 0.</text>
{"".join(panels)}</svg>
"""


def _panel(samples, names, title, figure, x, y):
    medians = {name: figure.median(samples, name) for name in names}
    known = {name: value * SCALE.get(figure, 1) for name, value in medians.items() if value}
    if not known:
        return ""
    lines = [f'  <text x="{x}" y="{y + 14}" font-weight="bold" fill="#23272e">{title}</text>\n']
    for index, (name, value) in enumerate(known.items()):
        top = y + 24 + index * ROW
        length = max(BAR * value / max(known.values()), 1)
        colour = "#1d7a4c" if name == PROXY_NAME else "#8a8f98"
        text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        lines.append(
            f'  <text x="{x + LABEL - 8}" y="{top + 14}" text-anchor="end" fill="#23272e">{name}</text>\n'
            f'  <rect x="{x + LABEL}" y="{top + 3}" width="{length:.0f}" height="{ROW - 8}" fill="{colour}"/>\n'
            f'  <text x="{x + LABEL + length + 6:.0f}" y="{top + 14}" fill="#23272e">{text}</text>\n'
        )
    return "".join(lines)
