"""A process that behaves as `vllm serve` does around its answers, with an engine that survives it.

Run as `stand_in.py -m vllm.entrypoints.cli.main serve PATH ... --port N`. The file named by STAND_IN_NOTES is
given a line for each process; STAND_IN says how it misbehaves: `crash`, `silent`, `stubborn` or `die`.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOW = os.environ.get("STAND_IN", "")
ENGINE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def option(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = option("--served-model-name")
        self.reply({"data": [{"id": name, "max_model_len": 512}]} if "models" in self.path else {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if HOW == "die":
            print("torch.OutOfMemoryError: CUDA out of memory", flush=True)
            os._exit(1)
        self.reply(
            {"choices": [{"text": f"{body['prompt']} at {option('--port')}", "finish_reason": "stop"}]}
        )

    def reply(self, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        return


def note(what: str, pid: int) -> None:
    with Path(os.environ["STAND_IN_NOTES"]).open("a") as notes:
        notes.write(f"{what} {pid}\n")


def main() -> None:
    note("server", os.getpid())
    engine = subprocess.Popen([sys.executable, "-c", ENGINE])
    note("engine", engine.pid)
    if HOW == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if HOW == "crash":
        print("INFO 01-01 00:00:00 [x.py:1] loading", flush=True)
        print("(EngineCore pid=1) ERROR 01-01 00:00:00 [x.py:1] ValueError: no such architecture", flush=True)
        print("RuntimeError: Engine core initialization failed", flush=True)
        sys.exit(1)
    if HOW == "silent" or "--headless" in sys.argv:
        threading.Event().wait()
    ThreadingHTTPServer(("127.0.0.1", int(option("--port"))), Handler).serve_forever()


if __name__ == "__main__":
    main()
