"""One self-contained HTML file: what a comparison or a training run shows, readable without a server."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from assay.render import numbers
from assay.report.models import Answer, Comparison, Series
from assay.viewer.charts import curve, forest
from assay.viewer.diff import word_diff

SHORT = 24
STATIC = Path(__file__).parent / "static"


def environment() -> Environment:
    """Make the template environment; everything is escaped, since outputs of models are anything."""
    made = Environment(
        loader=PackageLoader("assay.viewer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(numbers=numbers, forest=forest, curve=curve, word_diff=word_diff, said=said)
    return made


def said(answer: Answer) -> str:
    """Write what an answer came to in a few characters: what was extracted, else its score."""
    if answer.extracted is not None:
        short = answer.extracted[:SHORT]
        return short if short == answer.extracted else f"{short}…"
    return numbers.DASH if answer.value is None else f"{answer.value:.3g}"


def page(*, title: str, comparison: Comparison | None, series: Series | None = None) -> str:
    """Render one page; style and script are part of it."""
    return (
        environment()
        .get_template("page.html")
        .render(
            title=title,
            comparison=comparison,
            series=series,
            style=(STATIC / "page.css").read_text(),
            script=(STATIC / "page.js").read_text(),
        )
    )


def write_page(path: Path, text: str) -> Path:
    """Write a page so that a reader never sees half of it; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path
