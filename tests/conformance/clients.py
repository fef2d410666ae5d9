"""How is an unmodified client run? The server's clients in a process of their own, the browser's in a page of a shop.

Each takes the same job: host, write key, calls in the shape of the protocol, and what is special about the run.
"""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from real_parts import missing

HERE = Path(__file__).parent
NODE = HERE / "node"
UMD = NODE / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"


@dataclass(frozen=True, slots=True)
class Job:
    """What a client is to do."""

    host: str
    key: str
    calls: list[dict[str, Any]]
    batch: int | None = None
    gzip: bool = False
    clock_s: int = 0


class Started(Protocol):
    """A client at work."""

    def errors(self) -> list[str]:
        """Wait until it is done; what it reported as failed."""


@dataclass
class _Process:
    process: subprocess.Popen[str]

    def errors(self) -> list[str]:
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, err
        return json.loads(out)["errors"]


@dataclass(frozen=True)
class InAProcess:
    """A client of a server: one process a job."""

    command: tuple[str, ...]

    def start(self, job: Job) -> Started:
        said: dict[str, Any] = {"host": job.host, "key": job.key, "calls": job.calls, "clock_s": job.clock_s}
        said |= {"batch": job.batch} if job.batch else {}
        said |= {"gzip": True} if job.gzip else {}
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, cwd=NODE if self.command[0].endswith("node") else HERE)  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(json.dumps(said))
        process.stdin.close()
        process.stdin = None
        return _Process(process)


LOAD = """
async ({key, cdn, batch}) => {
  window.failed = [];
  const strategy = batch ? {strategy: "batching", config: {size: batch, timeout: 200}} : {};
  const [made] = await AnalyticsNext.AnalyticsBrowser.load(
    {writeKey: key, cdnURL: cdn},
    {integrations: {"Segment.io": {deliveryStrategy: strategy}}},
  );
  made.on("error", (error) => failed.push(String(error.reason ?? error.code)));
  window.made = made;
}
"""
CALL = """
(calls) => {
  for (const {type, userId, anonymousId, messageId, timestamp, context, ...c} of calls) {
    const o = {userId, anonymousId, messageId, context, timestamp: timestamp && new Date(timestamp)};
    for (const name of Object.keys(o)) if (o[name] === undefined) delete o[name];
    if (type === "track") made.track(c.event, c.properties ?? {}, o);
    if (type === "identify") made.identify(userId, c.traits ?? {}, o);
    if (type === "page" || type === "screen") made[type](c.category ?? null, c.name ?? null, c.properties ?? {}, o);
    if (type === "group") made.group(c.groupId, c.traits ?? {}, o);
    if (type === "alias") made.alias(userId, c.previousId, o);
  }
}
"""
SHIFT = """
{ const True = Date; window.Date = class extends True {
    constructor(...given) { super(...(given.length ? given : [True.now() + %d])); }
    static now() { return True.now() + %d; } }; }
"""


@dataclass
class _Page:
    page: Any
    wait: Callable[[], None] = field(default=lambda: None)

    def errors(self) -> list[str]:
        self.wait()
        return list(self.page.evaluate("failed"))


@dataclass
class InABrowser:
    """The browser's client, in a page that another origin serves."""

    browser: Any
    shop: str
    contexts: list[Any] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # addresses that pages asked for

    def open(self, clock_s: int = 0) -> Any:
        """A page of the shop with the library in it."""
        context = self.browser.new_context()
        context.set_default_timeout(60_000)
        context.on("request", lambda request: self.seen.append(request.url))
        self.contexts.append(context)
        if clock_s:
            context.add_init_script(SHIFT % (clock_s * 1000, clock_s * 1000))
        page = context.new_page()
        page.goto(f"{self.shop}/blank.html")
        page.add_script_tag(url=f"{self.shop}/umd/index.js")
        return page

    def start(self, job: Job) -> _Page:
        page = self.open(job.clock_s)
        page.evaluate(LOAD, {"key": job.key, "cdn": job.host, "batch": job.batch})
        page.evaluate(CALL, job.calls)
        return _Page(page)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()
        self.seen.clear()


class _Files(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        name = path.partition("?")[0]
        if name.startswith("/umd/"):
            return str(UMD / name.removeprefix("/umd/"))
        return super().translate_path(path)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """A folder served as a site of its own origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@functools.cache
def node_packages() -> str:
    """Where Node is; the clients' packages are installed by their lock on first use."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        missing("Node and npm, for the clients of Node and the browser")
    stamp = NODE / "node_modules" / ".lock-copy"
    lock = (NODE / "package-lock.json").read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != lock:
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run(
            [str(npm), "ci", *quiet], cwd=NODE, capture_output=True, text=True, timeout=240, check=False
        )
        if done.returncode != 0:
            missing(f"the packages of tests/conformance/node: npm ci said {done.stderr[-400:]}")
        stamp.write_text(lock, encoding="utf-8")
    return str(node)


def python_client(name: str) -> InAProcess:
    """A client written in Python."""
    return InAProcess((sys.executable, str(HERE / "python_driver.py"), name))
