"""Which tokens are scored, against a server of ours whose tokenizer has a BOS and a token for each byte."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from assay.errors import CapabilityMissing, EndpointRefused, RequestRefused
from assay.records import Pair
from harnesses.providers.openai_http import chosen
from harnesses.providers.openai_http.likelihood import Likelihood
from harnesses.providers.openai_http.probe import find_route
from harnesses.providers.openai_http.settings import Route
from harnesses.providers.openai_http.wire import Wire

pytestmark = pytest.mark.anyio
BOS, MERGED = 256, 257
LONGEST = 64


def encode(text: str) -> list[int]:
    """One token for each byte, but `<s>` is the BOS and `ab` one token."""
    parts = text.replace("<s>", "\0").replace("ab", "\1")
    return [{0: BOS, 1: MERGED}.get(byte, byte) for byte in parts.encode()]


def written(token: int) -> str:
    """A byte that is no character alone is written as nothing."""
    if token in {BOS, MERGED}:
        return "<s>" if token == BOS else "ab"
    return chr(token) if token < 128 else ""


def logprob(ids: Sequence[int]) -> float:
    """Score the last token by all before it."""
    return -0.1 - int.from_bytes(hashlib.blake2b(repr(list(ids)).encode(), digest_size=2).digest()) / 9999


def wanted(*ids: int, count: int) -> float:
    return math.fsum(logprob(ids[:end]) for end in range(len(ids) - count + 1, len(ids) + 1))


class Server(Wire):
    """Answers as vLLM does; `bos`: its tokenizer puts one; `tokenizes`: it tells tokens.

    With `bigrams` a token hangs on the one before it alone. `chosen` is added to what it says of tokens that
    are chosen, None where it does not understand that; `returns` is added to the token ids it returns.
    """

    def __init__(
        self,
        *,
        bos: bool = True,
        tokenizes: bool = True,
        bigrams: bool = False,
        chosen: float | None = None,
        returns: int | None = None,
    ) -> None:
        super().__init__(base_url="http://test/v1", api_key="none")
        self._bos, self._tokenizes = bos, tokenizes
        self._chosen, self._returns = chosen, returns
        self._seen = 2 if bigrams else LONGEST
        self.sent: list[list[int] | str] = []
        self.bodies: list[dict[str, Any]] = []

    def ids(self, prompt: list[int] | str, *, special: bool) -> list[int]:
        if isinstance(prompt, list):
            return prompt
        return ([BOS] if self._bos and special else []) + encode(prompt)

    async def post_root(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self._tokenizes:
            raise EndpointRefused("There is no such address.")
        if path == "/detokenize":
            return {"prompt": "".join(written(token) for token in body["tokens"])}
        return {"tokens": self.ids(body["prompt"], special=body["add_special_tokens"])}

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(body)
        self.sent += body["prompt"]
        rows = [self.ids(one, special=body.get("add_special_tokens", True)) for one in body["prompt"]]
        if any(len(row) >= LONGEST for row in rows):
            raise RequestRefused("The prompt is longer than the model's context.")
        choices = [self.choice(place, row, body) for place, row in enumerate(rows)]
        if self._returns is not None and body.get("return_token_ids"):
            for row, choice in zip(rows, choices, strict=True):
                choice["prompt_token_ids"] = [token + self._returns for token in row]
        return {"choices": choices}

    def choice(self, place: int, ids: list[int], body: dict[str, Any]) -> dict[str, Any]:
        if tokens := body.get("logprob_token_ids"):
            return {"index": place, "logprobs": self.after(ids, tokens)}
        values = [None, *(logprob(ids[: end + 1][-self._seen :]) for end in range(1, len(ids)))]
        if body.get("echo"):
            told = [*(written(token) for token in ids), "x"]
            tops: list[object] = [None, *({"?": -0.5} for _ in ids)]
            return {
                "index": place,
                "logprobs": {"tokens": told, "token_logprobs": [*values, -1.0], "top_logprobs": tops},
            }
        entries = [
            value
            and {str(token): {"logprob": value, "decoded_token": written(token)}, "9999": {"logprob": -0.5}}
            for token, value in zip(ids, values, strict=True)
        ]
        return {"index": place, "prompt_logprobs": entries}

    def after(self, ids: list[int], tokens: list[int]) -> dict[str, Any]:
        """Tell of the tokens that are chosen, and of the one that would be written next."""
        known = [*tokens, 300] if self._chosen is not None else [300]
        values = {f"token_id:{t}": logprob([*ids, t]) + (self._chosen or 0.0) for t in known}
        return {"tokens": [max(values, key=lambda name: values[name])], "top_logprobs": [values]}


async def route(
    server: Server, *, way: Route = "echo", bos: bool | None = None, prefix: str = ""
) -> Likelihood:
    return await find_route(server, model="m", route=way, max_length=LONGEST, bos=bos, prefix=prefix)


async def score(likelihood: Likelihood, context: str, continuation: str) -> tuple[float, int]:
    found = (await likelihood.score([Pair(context=context, continuation=continuation)]))[0]
    return found.logprob, found.tokens


@pytest.mark.parametrize("way", ["echo", "prompt_logprobs"])
@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("bos", [True, False])
async def test_the_same_tokens_are_scored_by_every_way(way: Route, *, texts: bool, bos: bool) -> None:
    likelihood = await route(Server(), way=way, bos=bos)
    assert likelihood.texts
    first = [BOS] if bos else []
    pairs = {
        ("cat ", "sat"): (encode("cat sat"), 4),
        ("", "sat"): ([BOS, *encode("sat")] if bos else [], 3),
        ("<s>cat", " x"): (encode("<s>cat x"), 2),
        ("é", "ü"): (encode("éü"), 2),
        ("c" * 80, "dd"): (encode("c" * 61 + "dd"), 2),
    }
    way_taken = likelihood if texts else replace(likelihood, texts=False)
    for (context, continuation), (ids, count) in pairs.items():
        if not ids:
            continue
        whole = ids if ids[0] == BOS or len(ids) >= LONGEST - 1 else [*first, *ids]
        found = await score(way_taken, context, continuation)
        assert found == (pytest.approx(wanted(*whole, count=count)), count), context


async def test_an_empty_context_is_the_named_token_or_an_error() -> None:
    bare = await route(Server(bos=False))
    with pytest.raises(RequestRefused, match="no token before it"):
        await score(bare, "", "sat")
    named = await route(Server(bos=False), prefix="<s>")
    assert await score(named, "", "sat") == (pytest.approx(wanted(BOS, *encode("sat"), count=3)), 3)
    assert await score(named, "c", "at") == (pytest.approx(wanted(*encode("cat"), count=2)), 2)
    assert await score(named, "", "<s>at") == (pytest.approx(wanted(*encode("<s>at"), count=2)), 2)
    asked = await route(Server(bos=False), prefix="<s>", bos=True)
    assert await score(asked, "c", "at") == (pytest.approx(wanted(BOS, *encode("cat"), count=2)), 2)
    with pytest.raises(CapabilityMissing, match="3 tokens"):
        await route(Server(), prefix="cat")


@pytest.mark.parametrize(("context", "continuation"), [("xa", "b"), ("a", "bc")])
async def test_a_token_across_the_boundary_is_an_error(context: str, continuation: str) -> None:
    with pytest.raises(RequestRefused, match="merge"):
        await score(await route(Server()), context, continuation)


async def test_a_continuation_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(RequestRefused, match="continuation alone has 70 tokens"):
        await score(await route(Server()), "c", "d" * 70)


@pytest.mark.parametrize("bos", [True, False])
async def test_a_server_that_does_not_tokenise_for_us_may_put_a_bos(*, bos: bool) -> None:
    server = Server(bos=bos, tokenizes=False)
    likelihood = await route(server)
    first = [BOS] if bos else []
    assert await score(likelihood, "cat", " sat") == (
        pytest.approx(wanted(*first, *encode("cat sat"), count=4)),
        4,
    )
    assert all(isinstance(one, str) for one in server.sent)


async def test_contexts_that_pairs_share_are_tokenised_once() -> None:
    class Counting(Server):
        asked = 0

        async def post_root(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
            self.asked += path == "/tokenize"
            return await super().post_root(path, body)

    server = Counting()
    likelihood = replace(await route(server), texts=False)
    server.asked = 0
    await likelihood.score([Pair(context="question", continuation=end) for end in (" a", " b", " c")])
    assert server.asked == 4


TEXT = "the cat sat on the mat, and the dog sat on the cat; café über naïve. " * 4


async def rolled(likelihood: Likelihood, *texts: str) -> list[tuple[float, int]]:
    found = await likelihood.score([Pair(context="", continuation=text, rolling=True) for text in texts])
    return [(one.logprob, one.tokens) for one in found]


@pytest.mark.parametrize("way", ["echo", "prompt_logprobs"])
@pytest.mark.parametrize("text", [TEXT, TEXT[:62], TEXT[:63], " \n" + TEXT[:150]])
async def test_a_long_text_is_scored_whole(way: Route, text: str) -> None:
    ids = [BOS, *encode(text)]
    # A window is 63 tokens: a place is left for the token that a server must write.
    ends = [(min(start + 62, len(ids) - 1)) for start in range(0, len(ids) - 1, 62)]
    by_hand = math.fsum(
        wanted(*ids[max(0, end - 62) : end + 1], count=end - start)
        for start, end in zip([0, *ends], ends, strict=False)
    )
    assert await rolled(await route(Server(), way=way), text) == [(pytest.approx(by_hand), len(ids) - 1)]


@pytest.mark.parametrize("bos", [None, False])
async def test_windows_change_nothing_for_who_looks_back_one_token(bos: bool | None) -> None:
    ids = [BOS, *encode(TEXT)]
    exact = math.fsum(logprob(pair) for pair in pairwise(ids))
    server = Server(bigrams=True)
    found = await rolled(await route(server, bos=bos), TEXT, "a", TEXT)
    assert found[0] == found[2] == (pytest.approx(exact), len(ids) - 1)
    assert found[1] == (pytest.approx(logprob([BOS, *encode("a")])), 1)
    assert max(len(one) for one in server.sent if isinstance(one, list)) == LONGEST - 1


async def test_a_short_text_is_what_follows_the_bos() -> None:
    likelihood = await route(Server())
    plain = await likelihood.score(
        [Pair(context="", continuation=text) for text in ("sat", " a b ", "<s>at")]
    )
    assert await rolled(likelihood, "sat", " a b ", "<s>at") == [(one.logprob, one.tokens) for one in plain]


async def test_a_text_without_a_token_before_it_is_an_error() -> None:
    with pytest.raises(RequestRefused, match="cannot be scored"):
        await rolled(await route(Server(bos=False)), TEXT)
    named = await route(Server(bos=False), prefix="<s>")
    assert await rolled(named, "sat") == [(pytest.approx(wanted(BOS, *encode("sat"), count=3)), 3)]


async def test_long_and_plain_texts_may_stand_in_one_request() -> None:
    likelihood = await route(Server())
    pairs = [
        Pair(context="cat", continuation=" sat"),
        Pair(context="", continuation=TEXT, rolling=True),
        Pair(context="c", continuation="at"),
    ]
    together = await likelihood.score(pairs)
    alone = [(await likelihood.score([pair]))[0] for pair in pairs]
    assert together == alone


async def test_where_nobody_knows_how_long_a_window_is_it_says_how_to_tell() -> None:
    likelihood = replace(await route(Server()), max_length=None)
    assert await rolled(likelihood, "sat") == [(pytest.approx(wanted(BOS, *encode("sat"), count=3)), 3)]
    with pytest.raises(RequestRefused, match="how long a window may be") as refused:
        await rolled(likelihood, TEXT)
    assert "max_length" in str(refused.value)


async def test_without_a_tokenizer_a_text_must_fit() -> None:
    likelihood = await route(Server(tokenizes=False))
    ids = [BOS, *encode("the cat sat")]
    assert await rolled(likelihood, "the cat sat") == [(pytest.approx(wanted(*ids, count=11)), 11)]
    with pytest.raises(RequestRefused, match="does not tokenise, so no text is cut"):
        await rolled(likelihood, TEXT)
    with pytest.raises(RequestRefused, match="no token before it"):
        await rolled(await route(Server(bos=False, tokenizes=False)), "the cat")


LETTERS = [
    Pair(context=context, continuation=letter)
    for context in ("Is it so? ", "", "c" * 80, "Who", "<s>cat")
    for letter in "xyz"
]
MIXED = [
    *LETTERS,
    *(Pair(context="Who else", continuation=letter) for letter in "pqr"),
    Pair(context="Who", continuation="ever"),
    Pair(context="Why", continuation="é"),
    Pair(context="Why", continuation="x"),
    Pair(context="alone", continuation="x"),
    Pair(context="long", continuation="a very long answer"),
    Pair(context="long", continuation="x"),
]


@pytest.mark.parametrize("bos", [None, False])
@pytest.mark.parametrize("most", [2, 4, 128])
async def test_chosen_tokens_have_the_values_of_the_ordinary_way(
    monkeypatch: pytest.MonkeyPatch, *, bos: bool | None, most: int
) -> None:
    monkeypatch.setattr(chosen, "MOST", most)
    ordinary, short = await route(Server(), bos=bos), await route(Server(chosen=0.0), bos=bos)
    assert (ordinary.chooses, short.chooses) == (False, True)
    for one, other in zip(await ordinary.score(MIXED), await short.score(MIXED), strict=True):
        assert (one.logprob, one.tokens) == (pytest.approx(other.logprob, abs=1e-9), other.tokens)


async def test_answers_of_one_token_take_one_prompt_for_a_question() -> None:
    server = Server(chosen=0.0)
    likelihood = await route(server)
    server.bodies.clear()
    found = await likelihood.score([pair for pair in LETTERS if pair.context in {"Who", "<s>cat"}])
    assert [body["prompt"] for body in server.bodies] == [[[BOS, *encode("Who")], encode("<s>cat")]]
    assert server.bodies[0]["logprob_token_ids"] == encode("xyz")
    assert {one.tokens for one in found} == {1}
    told = [
        server.after([BOS, *encode("Who")], encode("xyz"))["tokens"][0] == f"token_id:{ord(x)}" for x in "xyz"
    ]
    assert [one.greedy for one in found[:3]] == told


@pytest.mark.parametrize("wrong", [None, 1.0, -3.0])
async def test_a_server_that_tells_other_values_of_chosen_tokens_is_not_asked_for_them(
    wrong: float | None,
) -> None:
    server = Server(chosen=wrong)
    likelihood = await route(server)
    assert not likelihood.chooses
    server.bodies.clear()
    await likelihood.score(LETTERS)
    assert not any("logprob_token_ids" in body for body in server.bodies)


async def test_token_ids_must_come_back_as_they_were_sent() -> None:
    assert (await route(Server(returns=0))).tokenizes
    with pytest.raises(CapabilityMissing, match="other tokens than it was sent"):
        await route(Server(returns=1))
