"""IFBench's instructions of one prompt each (Pyatkin et al. 2025)."""

import csv
import io
import re
import unicodedata
from calendar import monthrange
from itertools import pairwise

from tasks_lib.instructions.rules import Rules
from tasks_lib.instructions.words import EDGES, UNPUNCTUATED, sentences

LISTED_CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, "
    "Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, "
    "Budapest, Vaduz, Chisinau, Bern, Ljubljana, Zagreb"
)
CAPITALS = LISTED_CAPITALS.split(", ")
"""European capitals north of 45 degrees, from the north."""
CITY = ["ID", "Country", "City", "Year", "Count"]
PRODUCT = ("ProductID", "Category", "Brand", "Price", "Stock")
STUDENT = ("StudentID", "Subject", "Grade", "Semester", "Score")
COUNTRIES = 52
LEAP = 2000
NAPOLEON = range(1769, 1822)
SPECIAL = re.compile(r'".*[^\d\w\s].*"')
OPTION = re.compile(r"^[A-Ea-e][\.|\)]\s*\w+")
ASKED = re.compile(r"\n*(?:Question \d+[\.|\):;]?\s*)")
DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\n?")


def character_reverse(text: str) -> bool:
    """The bald eagle, letter by letter from the end."""
    return "bald eagle"[::-1] in text.lower()


def word_reverse(text: str) -> bool:
    """The bald eagle, in one sentence when its words are turned round."""
    turned = " ".join(text.lower().translate(UNPUNCTUATED).split()[::-1])
    return "bald eagle" in turned and turned in sentences(turned)


def csv_city(text: str) -> bool:
    """Seven rows of cities below their heading."""
    rows = list(csv.reader(io.StringIO(text)))
    return len(rows) == 8 and rows[0] == CITY and all(len(row) == len(CITY) for row in rows)


def csv_special_character(text: str) -> bool:
    """Fourteen rows of products, one with a quoted special character; rows after it may be of any length."""
    if not _headed(text, PRODUCT, gap=r",[ \t]*"):
        return False
    rows = _quoted_rows(text, delimiter=",")
    if len(rows) != 15:
        return False
    for row in rows[1:]:
        if len(row) != len(PRODUCT):
            return False
        if any(SPECIAL.match(field) for field in row):
            return True
    return False


def csv_quotes(text: str) -> bool:
    """Three rows of marks parted by tabs, each field in double quotes."""
    if not _headed(text, STUDENT, gap=r"\t *"):
        return False
    rows = _quoted_rows(text, delimiter="\t")
    fields = [field.strip() for row in rows for field in row]
    return (
        len(rows) == 4
        and all(len(row) == len(STUDENT) for row in rows)
        and all(field.startswith('"') and field.endswith('"') for field in fields)
    )


def date_format_list(text: str) -> bool:
    """Dates of Napoleon's life, parted by commas; each month is as long as in a leap year."""
    dates = [DATE.fullmatch(part.strip()) for part in text.split(",")]
    return all(date is not None and _dated(*map(int, date.groups())) for date in dates)


def european_capitals_sort(text: str) -> bool:
    """All capitals in order."""
    return [name.strip() for name in _ascii(text).split(",") if name.strip()] == CAPITALS


def mcq_count_length(text: str) -> bool:
    """Four questions of growing length with five options each, and nothing before them."""
    if not text.startswith("Question"):
        # Without any question the authors compare the text with its last character.
        return False
    asked = [part.strip() for part in ASKED.split(text) if part.strip()]
    lengths = []
    for part in asked:
        lines = [line.strip() for line in part.split("\n")]
        options = [OPTION.match(line) is not None for line in lines]
        if sum(options) != 5:
            return False
        lengths.append(len(" ".join(lines[: options.index(True)]).strip()))
    return len(asked) == 4 and all(one < other for one, other in pairwise(lengths))


def multiples(text: str) -> bool:
    """The multiples of seven from 10 to 50 and no other number."""
    return re.findall(r"\d+", text) == [str(n) for n in range(14, 51, 7)]


def reverse_newline(text: str) -> bool:
    """At least 52 lines from Zimbabwe on, in falling order of the alphabet."""
    lines = [line for raw in text.split("\n") if (line := raw.strip(EDGES))]
    first = next((place for place, line in enumerate(lines) if "Zimbabwe" in line), len(lines))
    listed = [_ascii(line) for line in lines[first:]]
    return len(listed) >= COUNTRIES and listed == sorted(listed, reverse=True)


def sentence_alphabet(text: str) -> bool:
    """26 sentences that begin with the letters of the alphabet in order."""
    firsts = [re.sub(r"^[\W_]+", "", sentence)[:1].lower() for sentence in sentences(text)]
    return firsts == [chr(ord("a") + n) for n in range(26)]


def _headed(text: str, columns: tuple[str, ...], *, gap: str) -> bool:
    heading = gap.join(f'({column}|"{column}")' for column in columns)
    return re.fullmatch(heading, text.split("\n", maxsplit=1)[0].strip()) is not None


def _quoted_rows(text: str, *, delimiter: str) -> list[list[str]]:
    """Read CSV with the quotation marks kept as part of the fields."""
    return list(csv.reader(io.StringIO(text.replace('"', '"""')), delimiter=delimiter))


def _dated(year: int, month: int, day: int) -> bool:
    """Whether a date can be; the authors let the months and days 0 pass, and so does this."""
    return year in NAPOLEON and month <= 12 and day <= (monthrange(LEAP, month)[1] if month else 99)


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


RULES: Rules = {
    "custom:character_reverse": character_reverse,
    "custom:word_reverse": word_reverse,
    "custom:csv_city": csv_city,
    "custom:csv_special_character": csv_special_character,
    "custom:csv_quotes": csv_quotes,
    "custom:date_format_list": date_format_list,
    "custom:european_capitals_sort": european_capitals_sort,
    "custom:mcq_count_length": mcq_count_length,
    "custom:multiples": multiples,
    "custom:reverse_newline": reverse_newline,
    "custom:sentence_alphabet": sentence_alphabet,
}
