# SPDX-License-Identifier: MIT
"""`serve` beside nginx: one download over loopback in turns, then many clients at once.

    .venv/bin/python tests/benchmarks/serve_side_by_side.py [--mib N] [--rounds N] [--clients N]

Needs nginx and curl. Prints MB/s and their ratio, and how many of the clients got the file whole.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "image.tar.xz"
CONFIGURATION = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}; proxy_temp_path {folder};
fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
server {{ listen 127.0.0.1:{port}; root {root}; }} }}
"""
OURS = (
    "import sys; from pathlib import Path; from modem_image.serve.http import FeedServer; "
    "from modem_image.serve.transfers import Transfers; "
    "server = FeedServer(('127.0.0.1', int(sys.argv[1])), Path(sys.argv[2]), Transfers(lambda line: None)); "
    "server.serve_forever()"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    project = Path(__file__).resolve().parents[2]
    helper = project / "meta-huawei-modem" / "recipes-support" / "huawei-modem" / "files"
    environment = {**os.environ, "PYTHONPATH": f"{project / 'scripts'}:{helper}"}
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, command
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/{NAME}"
        process.terminate()


def seconds(url: str) -> float:
    done = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{time_total}", url],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def many(url: str, clients: int, digest: str) -> tuple[int, float]:
    """How many got the file whole, and the seconds until the last had it."""
    start = time.monotonic()
    line = ["sh", "-c", f"curl -s --fail {url} | sha256sum"]
    processes = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _client in range(clients)]
    whole = sum(process.communicate()[0].split()[0] == digest for process in processes)
    return whole, time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", type=int, default=32)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "feed"
        root.mkdir()
        content = os.urandom(1 << 20) * args.mib
        (root / NAME).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        ports = free_port(), free_port()
        (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, root=root, port=ports[1]))
        nginx = ["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
        ours = [sys.executable, "-c", OURS, str(ports[0]), str(root)]
        with running(ours, ports[0]) as own, running(nginx, ports[1]) as other:
            times = [(seconds(own), seconds(other)) for _round in range(args.rounds)]
            mine, theirs = (
                args.mib * 1.048576 / statistics.median(each) for each in zip(*times, strict=True)
            )
            ratio = statistics.median(other_time / own_time for own_time, other_time in times)
            print(f"one client: {mine:.0f} MB/s, nginx {theirs:.0f} MB/s, ratio {ratio:.2f}")
            for who, url in (("serve", own), ("nginx", other)):
                whole, took = many(url, args.clients, digest)
                print(f"{args.clients} clients: {who}: {whole} whole, {took:.1f} s")


if __name__ == "__main__":
    main()
