"""The page as text: what must stand on it, and what must never."""

import re
from pathlib import Path

import pytest

from assay.errors import AssayError
from assay.report.models import Comparison, Pairing, Recipe, Series
from assay.viewer.page.document import page, write_page
from tests.viewer.examples import answer, bits, comparison, flip, series, task, undefined, unresolved


def drawn(found: Comparison | None, some: Series | None = None) -> str:
    return page(title="B against A", comparison=found, series=some)


def body(text: str) -> str:
    return text.split("</style>", 1)[1].split("<script>", 1)[0]


@pytest.mark.parametrize(
    ("found", "some"),
    [
        (None, None),
        (None, series(0.5)),
        (None, series()),
        (None, series(None, None)),
        (comparison(), series(0.1, None, 0.3)),
        (comparison(undefined()), None),
        (comparison(undefined(), bits()), None),
        (comparison(bits()), None),
        (comparison(task(sanity=(), table=None)), None),
        (
            comparison(task(pairing=Pairing(paired=90, missing_a=10, only_b=("q1",), worst=-0.2, best=0.3))),
            None,
        ),
        (comparison(only_a=("mmlu",), notes=("a note",), differs=()), None),
    ],
    ids=str,
)
def test_every_case_makes_a_page_without_a_number_that_is_none(
    found: Comparison | None, some: Series | None
) -> None:
    text = body(drawn(found, some))
    assert text.rstrip().endswith("</footer>")
    assert not re.search(r"\b(None|nan|NaN|inf|undefined method)\b", text)


def test_numbers_have_units_and_lead_to_their_formulas() -> None:
    text = body(drawn(comparison(task(), bits())))
    assert "+15 pp" in text
    assert "percentage points" in text
    assert "B − A in bits_per_byte" in text
    assert "bits_per_byte ↓" in text
    links = set(re.findall(r'href="#(f-[a-z]+)"', text))
    assert len(links) >= 9
    assert links <= set(re.findall(r'id="(f-[a-z]+)"', text))


def test_every_link_leads_somewhere() -> None:
    text = body(drawn(comparison(flips=(flip(),)), series(0.1, 0.2)))
    targets = set(re.findall(r'href="#([^"]+)"', text))
    assert targets <= set(re.findall(r'id="([^"]+)"', text))


def test_what_is_unresolved_is_never_red_or_green() -> None:
    text = body(drawn(comparison(unresolved(), flips=(flip(task="letters"),))))
    assert "claimed" not in text
    assert 'class="improved' not in text
    assert 'class="point filled"' not in text
    assert 'class="point"' in text


def test_another_difference_than_the_checkpoint_is_a_warning() -> None:
    spoilt = comparison()
    more = spoilt.differs[1].model_copy(update={"what": "harness", "intended": False})
    text = body(drawn(spoilt.model_copy(update={"differs": (*spoilt.differs, more)})))
    assert "spoils" in text
    assert "More than the checkpoint differs" in text
    assert "spoils" not in body(drawn(spoilt))


def test_a_fourfold_table_names_the_test_that_was_made() -> None:
    alone, clustered = drawn(comparison()), drawn(comparison(task(method="t, CR1; t(39)", p_better=None)))
    assert ">mid-p</a> &lt;0.001, exact &lt;0.001" in alone
    assert ">p</a> &lt;0.001, sign-flip &lt;0.001" in clustered
    assert ">mid-p</a>" not in clustered


def test_what_is_left_out_is_told() -> None:
    text = body(drawn(comparison(flips=(flip(1), flip(2, direction="broke")), flips_left_out=19)))
    assert "2 of 21 changed questions" in text
    assert "sums 1 fixed and 1 broke of 21" in text


def test_the_command_makes_the_comparison_again() -> None:
    assert f"assay compare {'a' * 12} {'b' * 12}" in drawn(comparison())
    assert "assay compare openai:m10 openai:m20" in drawn(comparison(task(), bits()))


def test_the_footer_says_what_was_compared_and_with_what() -> None:
    text = drawn(comparison(data={"sums": "0123456789abcdef"}, seed=7)).split("<footer>")[1]
    for part in ("aaaaaaaaaaaa", "Holm", "sums 0123456789ab", "seed 7", "numpy 2.0", "95%", "80%"):
        assert part in text


def test_the_noise_of_training_is_a_claim_of_its_own() -> None:
    found = comparison()
    noisy = found.suite.model_copy(
        update={"recipe": Recipe(noise_a=0.02, noise_b=0.03, se=0.05, p=0.3), "p_better": 0.99}
    )
    text = body(drawn(found.model_copy(update={"suite": noisy})))
    assert "2 pp and 3 pp: SE 5 pp, p 0.300" in text
    assert "two trainings" not in body(drawn(found)).split("formulas")[0]


def test_outputs_cannot_become_part_of_the_page() -> None:
    nasty = "</pre><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x00\x1b[31m\ud800"
    found = comparison(
        flips=(
            flip(
                text=nasty, target=nasty, choices=(nasty,), question_id=nasty, cluster=nasty,
                a=answer(nasty, extracted=nasty, explanation=nasty), b=answer(""),
            ),
        )
    )  # fmt: skip
    text = page(title=nasty, comparison=found)
    assert text.count("<script>") == 1
    assert "<img" not in text
    assert "\x00" not in text
    text.encode()


def test_a_very_long_text_is_cut_in_the_middle() -> None:
    long = "begin " + "word " * 20_000 + "end"
    text = drawn(comparison(flips=(flip(a=answer(long, extracted=None)),)))
    assert len(text) < 200_000
    assert "characters are left out here" in text
    assert "too long to be compared" in text


def test_nothing_may_be_loaded() -> None:
    text = drawn(comparison(flips=(flip(),)), series(0.1, 0.2))
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")


def test_a_page_that_cannot_be_written_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(AssayError, match="cannot be written"):
        write_page(tmp_path / "folder", "text")
    (tmp_path / "file").write_text("")
    with pytest.raises(AssayError, match="cannot be written"):
        write_page(tmp_path / "file" / "page.html", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
