"""Pull: one source, one window, through the door into landing. All of it lands, or nothing."""

from __future__ import annotations

import gc
from contextlib import ExitStack, closing
from datetime import UTC, datetime

from sqlalchemy import Engine

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken
from cchc.landing import schema
from cchc.landing.contract import Watch
from cchc.landing.delivery import Delivery
from cchc.landing.store import Spool, record, store
from cchc.sources.connector import RawPage, Resolver, Window
from cchc.sources.door.allow_list import Door
from cchc.sources.door.columns import by_column
from cchc.sources.registry import connect, datasets
from cchc.warehouse.attempts import Attempt

_MOST_NAMES = 100  # unknown field names kept per delivery
_CONTAINERS = 20_000  # made and not thrown away, after which Python looks for cycles


class _Intake:
    """One dataset on its way in: door, field watch and spool."""

    def __init__(self, source: str, profile: Profile, dataset: DatasetName) -> None:
        self._source = source
        self._door = Door(profile.datasets[dataset])
        self.watch = Watch(source, profile.datasets[dataset], profile.contract)
        self.spool = Spool()
        self.unknown: set[str] = set()

    def take(self, page: RawPage) -> None:
        table = by_column(page.records)
        admitted = self._door.admit_page(page.records, table)
        kept = len(page.records) if admitted.unstated is not None else len(admitted.numbers)
        self.watch.see(page, table, len(page.records) - kept)
        if admitted.unstated is not None:
            text = "the record does not state its secrecy level, so nothing of it may be kept"
            raise ContractBroken(self._source, text, where=page.place(admitted.unstated))
        places = page.places(admitted.numbers)
        self.spool.take(len(page.records), admitted.numbers, places, admitted.columns)
        if len(self.unknown) < _MOST_NAMES:
            self.unknown |= admitted.unknown


def pull(
    engine: Engine,
    catalogue: Catalogue,
    source_code: str,
    window: Window,
    attempt: Attempt,
    resolve: Resolver,
    root: str,
) -> tuple[Delivery, ...]:
    """Read a source's window into landing files below `root`; return one delivery per dataset, also an empty one.

    A register that the unit does not keep is no delivery: its watermark stays, so nobody takes it for a zero.
    Raises the connector's `SourceError`, after which nothing has landed, and `Overtaken`, after which nothing is in
    the manifest. What lands is not yet believed: the gate judges it.
    """
    if gc.get_threshold()[0] < _CONTAINERS:
        # records are trees, a page is gone with the next: to look for cycles among them costs a fifth of a pull
        gc.set_threshold(_CONTAINERS)
    source = catalogue.sources.get(source_code)
    if source is None:
        raise ConfigurationError(f"there is no source {source_code} in the catalogue")
    profile = catalogue.profile_of(source)
    wanted = datasets(source, profile)
    connector = connect(source, profile, catalogue.host_of(source), resolve)
    pulled_at = datetime.now(UTC)  # what it then reads is no older
    with ExitStack() as stack:
        intakes: dict[DatasetName, _Intake] = {}
        for name in wanted:
            intakes[name] = _Intake(source_code, profile, name)
            stack.enter_context(intakes[name].spool)
        for page in stack.enter_context(closing(connector.read(window))):
            if page.dataset in intakes:
                intakes[page.dataset].take(page)
        intakes = {name: intake for name, intake in intakes.items() if name not in connector.absent}
        if not intakes and not set(wanted) <= set(source.without):
            looked_for = ", ".join(str(profile.datasets[name].select.get("files")) for name in wanted)
            text = f"not one of its files is there ({looked_for}); the unit must put them into its folder."
            raise ContractBroken(source_code, text)
        totals = connector.totals()
        shapes = [intake.watch.finish() for intake in intakes.values()]
        deliveries = [
            store(
                root,
                intake.spool,
                source=source,
                dataset=name,
                window=window,
                pulled_at=pulled_at,
                source_total=totals.get(name),
                unknown_fields=tuple(sorted(intake.unknown)[:_MOST_NAMES]),
            )
            for name, intake in intakes.items()
        ]
    with engine.begin() as connection:
        attempt.hold(connection)
        for delivery, shape in zip(deliveries, shapes, strict=True):
            record(connection, attempt.run_id, delivery)
            schema.record(connection, delivery, shape, profile.contract)
    return tuple(deliveries)
