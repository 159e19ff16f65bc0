"""Keys from a file `.env` of the working folder, for those that the environment lacks."""

from pathlib import Path

WANTED = ("OPENAI_API_KEY", "OPENAI_BASE_URL")


def read_dotenv(file: Path = Path(".env")) -> dict[str, str]:
    """Read the lines `NAME=value` that concern the endpoint; none where there is no such file."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.removeprefix("export ").partition("=") for line in lines)
    return {
        name.strip(): value.strip().strip("'\"")
        for name, equals, value in pairs
        if equals and name.strip() in WANTED
    }
