"""Draws the samples of tests/soak.rs as an SVG: memory and open files of each stage, stories.

    soak_plot.py SAMPLES OUTPUT
"""

import csv
import sys
from collections import defaultdict

WIDTH, HEIGHT, LEFT, GAP = 900, 170, 70, 60
COLOURS = {"fetcher": "#1b6ca8", "extractor": "#c8553d", "publisher": "#2a7f62", "stories": "#555"}


def curves(rows, figure):
    """The most of a figure among the instances of a stage, by second."""
    found = defaultdict(dict)
    for row in rows:
        stage = row["instance"].split("-")[0]
        if stage != "stories":
            second = int(row["second"])
            found[stage][second] = max(found[stage].get(second, 0), figure(row))
    return {stage: sorted(points.items()) for stage, points in found.items()}


def rates(rows):
    """Stories a second, over a minute each."""
    counts = [(int(r["second"]), int(r["resident_bytes"])) for r in rows if r["instance"] == "stories"]
    pairs = zip(counts, counts[12:])
    return {"stories": [(b[0], (b[1] - a[1]) / max(1, b[0] - a[0])) for a, b in pairs]}


def chart(top, title, lines, last):
    most = max((value for points in lines.values() for _, value in points), default=1) * 1.1 or 1
    out = [f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{title}</text>']
    for step in range(5):
        y, value = top + HEIGHT - HEIGHT * step / 4, most * step / 4
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    for index, (name, points) in enumerate(sorted(lines.items())):
        path = " ".join(
            f"{LEFT + (WIDTH - 20 - LEFT) * x / last:.1f},{top + HEIGHT - HEIGHT * y / most:.1f}"
            for x, y in points
        )
        colour = COLOURS[name]
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        x = LEFT + 350 + 110 * index
        out.append(f'<text x="{x}" y="{top - 8}" fill="{colour}">{name}</text>')
    return out


def main():
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    last = max(int(row["second"]) for row in rows)
    charts = [
        ("resident memory of the largest instance, MiB", curves(rows, lambda r: int(r["resident_bytes"]) / 2**20)),
        ("open files of the one with most", curves(rows, lambda r: int(r["open_files"]))),
        ("stories a second, mean of a minute", rates(rows)),
    ]
    height = 40 + len(charts) * (HEIGHT + GAP)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for index, (title, lines) in enumerate(charts):
        out += chart(40 + index * (HEIGHT + GAP), title, lines, last)
    out.append(f'<text x="{LEFT}" y="{height - 15}">0 to {last // 60} minutes</text></svg>')
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
