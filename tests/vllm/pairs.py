"""What is hard to score: shared beginnings, no context, letters of several bytes, more than fits."""

from assay.records import Pair

LENGTH = 512
"""What the servers of the tests take, in tokens."""
QUESTION = "Question: the capital of France is a city.\nAnswer:"
MERGED = Pair(context="東", continuation="京")
"""Both letters are one token of the tiny model."""
PAIRS = {
    "one word": Pair(context="The cat sat on the", continuation=" mat"),
    "shared beginning": Pair(context=QUESTION, continuation=" Paris"),
    "shared beginning, other end": Pair(context=QUESTION, continuation=" Paris and the river"),
    "blank at the context's end": Pair(context="one two three ", continuation="four"),
    "newlines at the context's end": Pair(context="Question: is it?\n\n", continuation="not"),
    "empty context": Pair(context="", continuation="The cat sat."),
    "blank context": Pair(context="  ", continuation="the dog"),
    "accents": Pair(context="café über", continuation=" naïve"),
    "half-known letters": Pair(context="The city is", continuation=" Łódź, 北京"),
    "letters without blanks": Pair(context="大東", continuation="方 Ωμέγα"),
    "emoji": Pair(context="a small dog 🐕", continuation=" 🦴🐈"),
    "written BOS": Pair(context="<s>The cat", continuation=" ran under the tree"),
    "written BOS alone": Pair(context="", continuation="<s>The bird flew"),
    "too much context": Pair(context="one two three four " * 300, continuation="answer is not"),
    "context that just fits": Pair(context=" the" * 508, continuation=" cat"),
    "many tokens": Pair(context="When", continuation=" the small red bird ran over the big house." * 8),
}
TEXTS = {
    "short": "The cat sat on the mat.",
    "several windows": "".join(
        f"{n} + {n} = {2 * n}. The small dog ran over 東京, not under it.\n" for n in range(60)
    ),
    "blanks at both ends": " \n the cat sat, " + "the red bird flew to the city; " * 90 + "\n\n",
    "as much as fits": " the" * LENGTH,
    "one more than a server's window": " the" * (LENGTH - 1),
}
"""Texts that are scored whole."""
ONE_TOKEN = [
    Pair(context=context, continuation=answer)
    for context in (QUESTION, f"{QUESTION} Paris.\n\n{QUESTION}", "The cat sat on the", "", " the" * 600)
    for answer in (" mat", " cat", " dog", " river")
]
"""Questions with answers of one token each."""
