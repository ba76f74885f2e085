"""A report as PDF: names travel as data into the page, never as markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ..errors import InputError
from .report import Report

__all__ = ["pdf_of"]

_PAGE = """
#let r = json(bytes(sys.inputs.report))
#set document(title: r.title)
#set page(paper: "a4", margin: (x: 1.6cm, y: 1.8cm), numbering: "1 / 1")
#set text(size: 9pt)
#let dim(body) = text(fill: luma(95), size: 8pt, body)
#let tones = (good: rgb("#1a7f4b"), spent: rgb("#c07a00"), taken: rgb("#c0392b"), plain: rgb("#3b6ea8"))
#text(size: 16pt, weight: "bold", r.title)
#if r.question != "" [#linebreak() #emph(r.question)]
#linebreak()
#dim(r.terms)
#if r.lead != "" [#v(4pt) #text(size: 11pt, r.lead)]
#for s in r.sections {
  v(6pt)
  block(sticky: true, text(size: 11pt, weight: "bold", s.title))
  if s.note != "" { dim(s.note); linebreak() }
  if s.bars.len() > 0 {
    let most = calc.max(..s.bars.map(b => b.value), 0.000000001)
    grid(columns: (auto, auto, 1fr), column-gutter: 8pt, row-gutter: 3pt, align: (left, right, left),
      ..s.bars.map(b => (b.label, b.text, rect(width: 100% * b.value / most, height: 6pt, fill: tones.at(b.tone), stroke: none))).flatten())
  }
  if s.rows.len() > 0 {
    let n = s.rows.at(0).len()
    let wide = s.left.contains(n - 1) and n > 1
    table(columns: range(n).map(i => if wide and i == n - 1 { 1fr } else { auto }), stroke: none, inset: (x: 3pt, y: 2pt),
      align: range(n).map(i => if s.left.contains(i) { left } else { right }),
      ..if s.columns.any(c => c != "") { s.columns.map(c => dim(c)) } else { () },
      ..s.rows.flatten())
  }
}
#v(10pt)
#dim(r.last)
"""


def pdf_of(report: Report) -> bytes:
    """Return the document.

    Raises
    ------
    InputError
        The library that sets it is not installed.
    """
    try:
        import typst
    except ImportError:
        raise InputError("a PDF report needs typst: pip install 'manometer[report]'") from None
    plain: dict[str, Any] = asdict(report)
    plain.pop("data")
    made = typst.compile(_PAGE.encode(), sys_inputs={"report": json.dumps(plain)}, format="pdf")
    return bytes(made)
