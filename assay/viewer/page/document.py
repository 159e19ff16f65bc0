"""One self-contained HTML file: what a comparison or a training run shows, readable without a server."""

import base64
import hashlib
from contextlib import suppress
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from assay.errors import AssayError
from assay.render import numbers
from assay.report.models import Comparison, Series
from assay.viewer.page import texts
from assay.viewer.page.curves import chart
from assay.viewer.page.flips import chosen, shown_flips
from assay.viewer.page.forest import forests
from assay.viewer.page.histogram import histogram

STATIC = Path(__file__).parent / "static"


def environment() -> Environment:
    """Make the template environment; everything is escaped, since outputs of models are anything."""
    made = Environment(
        loader=PackageLoader("assay.viewer.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        numbers=numbers, texts=texts, forests=forests, chart=chart, chosen=chosen,
        shown_flips=shown_flips, histogram=histogram,
    )  # fmt: skip
    made.filters["visible"] = texts.visible
    return made


def page(*, title: str, comparison: Comparison | None, series: Series | None = None) -> str:
    """Render one page; style and script are part of it, and nothing else may run or be loaded."""
    style, script = ((STATIC / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return (
        environment()
        .get_template("page.html")
        .render(
            title=texts.visible(title),
            c=comparison,
            series=series,
            style=style,
            script=script,
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )


def write_page(path: Path, text: str) -> Path:
    """Write a page so that a reader never sees half of it; returns its path, raises AssayError."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise AssayError(
            f"The page {str(path)!r} cannot be written: {error.strerror}.", remedy="Choose another --html."
        ) from error
    return path


def _hash(text: str) -> str:
    """Hash what the browser may apply, as a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
