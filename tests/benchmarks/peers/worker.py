"""One run of the path without Prefect, or of the floor, in a process of its own."""

import asyncio
import sys
from pathlib import Path

from tests.benchmarks.path import bare, chat_task, choice_task, ours


async def main(kind: str, url: str, count: int) -> None:
    """Ask the questions that lie in the working folder."""
    file = "questions.jsonl"
    match kind:
        case "floor":
            await bare(Path(), url, count)
        case "chat":
            await ours(chat_task(file), url, api="chat")
        case "choice":
            await ours(choice_task(file), url, batch="32")


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
