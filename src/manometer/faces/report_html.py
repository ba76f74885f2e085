"""A report as one HTML file: no script, nothing from outside, light and dark, made for phones too."""

from __future__ import annotations

from html import escape

from .report import Bar, Report, Section

__all__ = ["html_of"]

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#5d6670;--page:#fff;--line:#dfe3e8;--good:#1a7f4b;--spent:#c07a00;
--taken:#c0392b;--plain:#3b6ea8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--dim:#98a2ad;--page:#14171b;--line:#2c333b;--good:#3fb97b;
--spent:#e0a03a;--taken:#e8685a;--plain:#6fa3dc}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem 3rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .3rem}
.dim{color:var(--dim);font-size:.9rem;margin:.2rem 0}.lead{font-size:1.15rem;margin:1rem 0}
.bars{display:grid;grid-template-columns:minmax(5rem,max-content) max-content 1fr;gap:.15rem .7rem;align-items:center;
font-variant-numeric:tabular-nums}
.bars span:nth-child(3n+2){text-align:right}
.bar{height:.9rem;border-radius:2px;min-width:2px}
.good{background:var(--good)}.spent{background:var(--spent)}.taken{background:var(--taken)}.plain{background:var(--plain)}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{padding:.2rem .9rem .2rem 0;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th{color:var(--dim);font-weight:500}
.l{text-align:left}td.l:last-child{white-space:normal;min-width:12rem}
footer{margin-top:2.5rem;color:var(--dim);font-size:.9rem}
@media print{body{max-width:none;font-size:11px}h2{break-after:avoid}.wide{overflow:visible}}
"""


def html_of(report: Report) -> str:
    """Return the page."""
    head = f"<h1>{escape(report.title)}</h1>"
    if report.question:
        head += f'<p class="dim"><em>{escape(report.question)}</em></p>'
    head += f'<p class="dim">{escape(report.terms)}</p>'
    if report.lead:
        head += f'<p class="lead">{escape(report.lead)}</p>'
    body = "".join(_section(s) for s in report.sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>\n"
        f"{head}\n{body}\n<footer>{escape(report.last)}</footer></body></html>\n"
    )


def _section(s: Section) -> str:
    out = f"<section><h2>{escape(s.title)}</h2>"
    if s.note:
        out += f'<p class="dim">{escape(s.note)}</p>'
    if s.bars:
        out += _bars(s.bars)
    if s.rows:
        out += _table(s)
    return out + "</section>\n"


def _bars(bars: tuple[Bar, ...]) -> str:
    most = max(b.value for b in bars) or 1.0
    rows = "".join(
        f"<span>{escape(b.label)}</span><span>{escape(b.text)}</span>"
        f'<div class="bar {b.tone}" style="width:{100 * b.value / most:.2f}%"></div>'
        for b in bars
    )
    return f'<div class="bars">{rows}</div>'


def _table(s: Section) -> str:
    left = ' class="l"'

    def cells(tag: str, row: tuple[str, ...]) -> str:
        return "".join(
            f"<{tag}{left if k in s.left else ''}>{escape(text)}</{tag}>" for k, text in enumerate(row)
        )

    head = f"<tr>{cells('th', s.columns)}</tr>" if any(s.columns) else ""
    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in s.rows)
    return f'<div class="wide"><table>{head}{rows}</table></div>'
