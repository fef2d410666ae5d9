"""How does the demo's shop stand in one folder? Workspace, server, mail server and town, put together and taken down.

The harness may look inside (it imports, publishes and settles); the simulator it drives may not. Under a virtual clock
the weeks go by in ticks: all that is due in a tick happens, then the runtime settles; the same seed, the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homing.api.server import Demo, Listener, Server
from homing.core.settings import Settings, Smtp
from homing.core.time import DAY, HOUR, duration_us
from homing.demo.clients import Clients
from homing.demo.dataset import CURRENCY, OPENING_US, ZONE, Dataset
from homing.demo.mailbox import HOST, Mailboxes
from homing.demo.playbook import one
from homing.demo.shoppers import Town, household_of
from homing.demo.simulator import Simulator
from homing.demo.truth import Truth, households_of, truth_of
from homing.learn import Experiment, Outcomes, Readout, outcomes_of, read_campaign
from homing.runtime import Clock, Runtime, VirtualClock, Workspace, documents

BY = "demo"
TICK_US = HOUR
SETTLE_S = 300.0
WAREHOUSE_MB = 512  # what a year of one grocer takes; what is more goes to the disk for a while
BEFORE_US = OPENING_US - HOUR  # when the history is handed over


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a world is set up."""

    folder: Path
    seed: int
    port: int = 0
    keep_mail: bool = True  # as files
    nightly: bool = True  # scores


@dataclass
class World:
    """A shop that is open."""

    place: Place
    dataset: Dataset
    town: Town
    server: Server
    mailboxes: Mailboxes
    clients: Clients
    source: str  # whose events the simulator's are
    simulator: Simulator | None = None
    documents: list[dict[str, Any]] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        """The runtime behind the server."""
        return self.server.runtime

    @property
    def workspace(self) -> Workspace:
        """The workspace behind the runtime."""
        return self.server.runtime.workspace

    def settle(self) -> None:
        """Wait until nothing is left to do at this instant."""
        self.runtime.settle(SETTLE_S)

    def adopt(self, new: list[dict[str, Any]]) -> None:
        """Apply documents; journeys are saved and not published."""
        self.documents += new
        documents.apply(self.runtime, new, by=BY, at_us=self.workspace.clock())

    def open_shop(self, days: int, **how: Any) -> Simulator:
        """Let the town begin: from the opening on, for some days."""
        content = one(self.documents, "content")
        self.simulator = Simulator(
            self.town, self.town.plan(OPENING_US, OPENING_US + days * DAY), self.clients, self.mailboxes,
            percent_off=content["coupon"]["percent_off"], **how,
        )  # fmt: skip
        return self.simulator

    def live(self, until_us: int, *, tick_us: int = TICK_US, told: Callable[[int], None] = lambda _now: None) -> None:
        """Let time go by to `until_us` under the virtual clock; `told` hears of every tick."""
        clock, simulator = self.workspace.clock, self.simulator
        if not isinstance(clock, VirtualClock) or simulator is None:
            raise TypeError("wanted a virtual clock and an open shop")
        while clock() < until_us:
            now = min(clock() + tick_us, until_us)
            clock.advance_to(now)
            self.runtime.settle(SETTLE_S, warehouse=False)  # timers fire and messages go before the town moves on
            simulator.play(now)
            self.runtime.settle(SETTLE_S, warehouse=False)
            told(now)
        self.settle()

    def experiment(self, campaign: Mapping[str, Any]) -> Experiment:
        """The question a campaign's document asks, as of now."""
        outcome = campaign["outcome"]
        return Experiment(
            campaign["id"], self.workspace.clock(), duration_us(outcome["window"]), outcome["event"], outcome["value"]
        )

    def read(self, campaign: Mapping[str, Any]) -> tuple[Readout, Truth | None]:
        """A campaign's result as anyone may read it, and the truth only the simulator knows."""
        asked, warehouse = self.experiment(campaign), self.workspace.warehouse
        read = read_campaign(warehouse, asked, holdout_percent=float(campaign["holdout"]["percent"]))
        return read, self.truth(outcomes_of(asked, warehouse))

    def truth(self, of: Outcomes, *, placebo: bool = False) -> Truth | None:
        """The truth for the customers of an estimate."""
        arrivals = [a for a in (self.simulator.arrivals if self.simulator else ()) if a.placebo == placebo]
        return truth_of(arrivals, of, households_of(self.workspace.state, of.customers))


@contextmanager
def world(
    place: Place,
    dataset: Dataset,
    clock: Clock,
    *,
    households: tuple[int, ...] | None = None,
    demo: Demo | None = None,
) -> Iterator[World]:
    """Open a shop in an empty folder; everything is taken down at the end."""
    town = Town(dataset, place.seed, households)
    mailboxes = Mailboxes(place.folder / "mail" if place.keep_mail else None, lambda address: _dead(town, address))
    smtp_port = mailboxes.start()
    try:
        listener = Listener(HOST, place.port)
        settings = settings_of(listener.url, smtp_port)
        _write_settings(place.folder, settings)
        with _server(place, clock, settings, listener, demo) as server:
            key, secret = server.runtime.workspace.keys.create("write", "shop", now_us=clock(), by=BY)
            clients = Clients(server.url, secret)
            try:
                yield World(place, dataset, town, server, mailboxes, clients, key.key_id)
            finally:
                clients.close()
    finally:
        mailboxes.stop()


def _server(place: Place, clock: Clock, settings: Settings, listener: Listener, demo: Demo | None) -> Server:
    try:
        workspace = Workspace.open(place.folder, clock, settings)
    except BaseException:
        listener.close()
        raise
    workspace.warehouse.limit(WAREHOUSE_MB)
    return Server(Runtime(workspace, nightly=place.nightly), listener, demo=demo)


def settings_of(url: str, smtp_port: int) -> Settings:
    """The demo's settings: its zone and currency, and where its mail goes."""
    return Settings(
        name="Homing demo",
        zone=ZONE,
        currency=CURRENCY,
        base_url=url,
        smtp=Smtp(host=HOST, port=smtp_port, sender="Corner Grocer <hello@shop.example>"),
    )


def _dead(town: Town, address: str) -> bool:
    household = household_of(address)
    return household not in town.shoppers or town.shoppers[household].dead_mailbox


def _write_settings(folder: Path, settings: Settings) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    smtp = settings.smtp
    lines = [f'name = "{settings.name}"', f'zone = "{settings.zone}"', f'currency = "{settings.currency}"',
             f'base_url = "{settings.base_url}"', "[smtp]", f'host = "{smtp.host}"', f"port = {smtp.port}",
             f'sender = "{smtp.sender}"']  # fmt: skip
    (folder / "homing.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
