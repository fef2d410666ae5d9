"""In which library does the reader think? An Arrow table, and through narwhals a data frame of pandas or Polars.

Arrow is always there. pandas and Polars are used when they are installed; nothing here imports them by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from homing.core.errors import InvalidInput

Backend = Literal["pandas", "polars", "pyarrow"]


@dataclass(frozen=True, slots=True, repr=False)
class Frame:
    """Rows of an answer; `about` is what the answer said besides."""

    arrow: pa.Table
    about: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_rows(
        cls, columns: Sequence[str], rows: Iterable[Sequence[Any]], about: dict[str, Any] | None = None
    ) -> Frame:
        """A table of rows; a column whose values are of several kinds, or beyond 64 bits, becomes text."""
        lists = list(zip(*rows, strict=True)) or [() for _ in columns]
        return cls(pa.table([_array(values) for values in lists], names=list(columns)), about or {})

    @classmethod
    def of_dicts(cls, rows: Sequence[Mapping[str, Any]], about: dict[str, Any] | None = None) -> Frame:
        """A table of mappings with the same keys."""
        columns = list(rows[0]) if rows else []
        return cls.of_rows(columns, ([row[c] for c in columns] for row in rows), about)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __repr__(self) -> str:
        return f"Frame of {len(self):,} rows: {', '.join(self.arrow.column_names)}"

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.arrow.column_names)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as mappings."""
        found: list[dict[str, Any]] = self.arrow.to_pylist()
        return found

    def to(self, backend: Backend) -> Any:
        """A data frame of pandas or Polars, or the Arrow table.

        Raises:
            InvalidInput: narwhals or that library is not installed.
        """
        if backend == "pyarrow":
            return self.arrow
        try:
            import narwhals as nw  # noqa: PLC0415 - only for those who want one

            return nw.from_arrow(self.arrow, backend=backend).to_native()
        except ImportError as error:
            raise InvalidInput(
                f"{backend} or narwhals is not installed, wanted: pip install 'homing[notebook]'", field="backend"
            ) from error

    def to_pandas(self) -> Any:
        """A data frame of pandas."""
        return self.to("pandas")

    def to_polars(self) -> Any:
        """A data frame of Polars."""
        return self.to("polars")


def _array(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # of several kinds, or beyond 64 bits
        return pa.array([None if v is None else str(v) for v in values])
