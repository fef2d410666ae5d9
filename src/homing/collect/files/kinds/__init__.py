"""The kinds of rows, one file each: its fields with their names, and what a row of it becomes."""

from importlib import import_module
from pkgutil import iter_modules

from homing.collect.files.feed import Feed, ImportRequest
from homing.collect.files.fields import ColumnMap
from homing.collect.files.kind import Kind, kinds
from homing.collect.files.orders import OrderFeed
from homing.collect.files.records import RecordFeed, RowBook
from homing.collect.files.sidebyside import Proof
from homing.storage.files import Scratch

_FIRST = ("orders", "customers", "products", "events")

for _module in sorted((m.name for m in iter_modules(__path__)), key=lambda n: (n not in _FIRST, n)):
    import_module(f"{__name__}.{_module}")
for _name in (*_FIRST, *sorted(kinds.keys() - set(_FIRST))):
    kinds[_name] = kinds.pop(_name)  # the commonest first, wherever they are listed

from homing.collect.files.kinds.events import NOBODY  # noqa: E402


def feed_of(
    scratch: Scratch, mapping: ColumnMap, request: ImportRequest, now_us: int, proof: Proof | None = None
) -> Feed:
    """The rows read as their kind; a proof says that most need no database."""
    kind = kinds[request.kind]
    if kind.maker is None:
        return OrderFeed(scratch, mapping, request, now_us, proof)
    own = frozenset({*kind.fields, "user_id"}) - set(kind.plain)
    return RecordFeed(scratch, RowBook(scratch, mapping, request, now_us, own), kind.maker(request, now_us))


__all__ = ["NOBODY", "Kind", "feed_of", "kinds"]
