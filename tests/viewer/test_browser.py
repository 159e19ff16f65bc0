"""The page in a browser: clicks, keys, narrow screens, and whether everybody can use it."""

import csv
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from assay.viewer.page.document import page as render
from tests.viewer.conftest import Open
from tests.viewer.examples import answer, bits, comparison, flip, series, task, unresolved

pytestmark = pytest.mark.browser
FLIPS = (
    flip(1, direction="broke", a=answer(), b=answer("It is 9", extracted="9", value=0.0, status="truncated")),
    flip(2),
    flip(3, flaky=True),
    flip(4, task="letters", text="Which letter?"),
)


@pytest.fixture(scope="module")
def text() -> str:
    found = comparison(task(), unresolved(), bits(), flips=FLIPS)
    return render(title="B against A", comparison=found, series=series(0.1, 0.4, 0.5, comparison=found))


def shown(page: Page) -> int:
    return page.locator(".flip:visible").count()


def test_filters_show_what_they_say(text: str, open_page: Open) -> None:
    page = open_page(text)
    assert shown(page) == 4
    page.locator("#direction").select_option("broke")
    assert shown(page) == 1
    assert page.locator("#shown").inner_text() == "1 question"
    page.locator("#direction").select_option("")
    page.locator("#task").select_option("letters")
    assert shown(page) == 1
    page.locator("#task").select_option("")
    page.locator("#ended").select_option("truncated")
    assert shown(page) == 1
    page.locator("#ended").select_option("anyhow")
    page.get_by_label("without flaky ones").check()
    assert shown(page) == 3
    page.get_by_label("with the words").fill("which LETTER")
    assert shown(page) == 1


def test_a_question_opens_with_both_answers_and_their_differences(text: str, open_page: Open) -> None:
    page = open_page(text)
    first = page.locator(".flip").nth(1)
    assert not first.locator(".pair").is_visible()
    first.locator("summary").click()
    assert first.locator("pre").all_inner_texts() == ["It is 5, I say 5", "It is 4, I say 4"]
    assert first.locator("pre").nth(0).locator("mark").all_inner_texts() == ["5", "5"]
    assert first.locator("pre").nth(1).locator(".answer").all_inner_texts() == ["4"]
    assert "Gold answer: 4" in first.inner_text()


def test_keys_walk_through_the_visible_questions(text: str, open_page: Open) -> None:
    page = open_page(text)
    opened = page.locator(".flip[open] .head")
    page.keyboard.press("j")
    expect(opened).to_have_text("What is 1 and 4?")
    page.keyboard.press("j")
    expect(opened).to_have_text("What is 2 and 4?")
    page.keyboard.press("k")
    expect(opened).to_have_text("What is 1 and 4?")
    page.locator("#direction").select_option("fixed")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(opened.last).to_have_text("What is 2 and 4?")
    page.get_by_label("with the words").press("j")
    expect(page.get_by_label("with the words")).to_have_value("j")


def test_a_permalink_opens_its_question(text: str, open_page: Open) -> None:
    page = open_page(text)
    page.locator(".flip").nth(2).locator("summary").click()
    page.locator(".flip").nth(2).get_by_text("permalink").click()
    part = page.evaluate("location.hash")
    assert re.fullmatch(r"#flip-[0-9a-f]{10}", part)
    again = open_page(text, part=part)
    assert again.locator(".flip[open] .head").all_inner_texts() == ["What is 3 and 4?"]


def test_a_cell_of_the_fourfold_table_shows_its_questions(text: str, open_page: Open) -> None:
    page = open_page(text)
    page.get_by_role("button", name=re.compile("of sums that B broke")).click()
    assert shown(page) == 1
    assert page.locator("#direction").input_value() == "broke"
    assert page.locator("#task").input_value() == "sums"


def test_a_command_is_copied(text: str, open_page: Open) -> None:
    page = open_page(text)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".flip").nth(1).locator("summary").click()
    page.locator(".flip").nth(1).get_by_role("button", name="copy").click()
    expect(page.locator(".flip").nth(1).get_by_role("button")).to_have_text(re.compile("copied|selected"))
    assert page.evaluate("navigator.clipboard.readText()") == "assay inspect sums --question q2"


def test_hostile_outputs_are_only_text(open_page: Open) -> None:
    nasty = "</pre></details><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x00 שלום \u202e"
    page = open_page(
        render(
            title=nasty,
            comparison=comparison(flips=(flip(text=nasty, a=answer(nasty, extracted="שלום")), flip(2))),
        )
    )
    page.locator(".flip summary").first.click()
    said = page.locator(".flip pre").first.inner_text()
    assert "<script>alert(1)</script>" in said
    assert "␀" in said
    assert page.locator(".flip").count() == 2
    assert page.locator("img").count() == 0


def downloaded(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="download them as CSV").click()
    assert waiting.value.suggested_filename == "changed-questions-abcdef012345.csv"
    with waiting.value.path().open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_questions_that_are_shown_are_downloaded_as_a_table(text: str, open_page: Open) -> None:
    page = open_page(text)
    rows = downloaded(page)
    assert [row["question"] for row in rows] == ["q1", "q2", "q3", "q4"]
    assert rows[1] == {
        "task": "sums", "question": "q2", "direction": "fixed", "delta": "1", "cluster": "", "flaky": "false",
        "target": "4", "text": "What is 2 and 4?",
        "score_a": "0", "status_a": "scored", "extracted_a": "5", "run_a": "aaaa",
        "output_a": "It is 5, I say 5",
        "score_b": "1", "status_b": "scored", "extracted_b": "4", "run_b": "aaaa",
        "output_b": "It is 4, I say 4",
    }  # fmt: skip
    page.locator("#task").select_option("letters")
    assert [row["question"] for row in downloaded(page)] == ["q4"]


def test_a_table_holds_any_output_and_no_formula(open_page: Open) -> None:
    nasty = ['=HYPERLINK("http://x")', 'say "4",\nthen 5', "-5", "- 5", "@SUM(1)", "שלום"]
    flips = [flip(i, b=answer(said, extracted=said)) for i, said in enumerate(nasty)]
    rows = downloaded(open_page(render(title="t", comparison=comparison(flips=tuple(flips)))))
    assert [row["output_b"] for row in rows] == [
        '\'=HYPERLINK("http://x")', 'say "4",\nthen 5', "-5", "'- 5", "'@SUM(1)", "שלום",
    ]  # fmt: skip
    assert [row["extracted_b"] for row in rows] == [row["output_b"] for row in rows]


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_screen(text: str, open_page: Open, width: int) -> None:
    page = open_page(text, width=width)
    for summary in page.locator("details > summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_to_use_has_a_name(text: str, open_page: Open) -> None:
    page = open_page(text)
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("a, button, select, input, summary, svg[role=img]")]
        .filter((one) => !(one.getAttribute("aria-label") || (one.labels && one.labels.length)
                           || one.textContent.trim()))
        .map((one) => one.outerHTML)"""
    )
    assert unnamed == []
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)").count("shown") == 1
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert max(b - a for a, b in pairwise(levels)) <= 1


CONTRAST = """() => {
  const light = ([r, g, b]) => {
    const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  for (const one of document.querySelectorAll("body *:not(script):not(svg *)")) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.add(`${one.tagName}.${one.className}`);
  }
  return [...weak];
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_texts_stand_out_from_what_is_behind_them(text: str, open_page: Open, dark: bool) -> None:
    page = open_page(text, dark=dark)
    assert page.evaluate(CONTRAST) == []
