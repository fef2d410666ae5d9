"""Which plugins are there? One file and one decorator each; third parties add theirs by entry point.

Registration is validated at the door: a class that is no implementation, is abstract, has no docstring or takes a
name twice never gets in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Generic, TypeVar

from pydantic import BaseModel

from homing.core.errors import NotFound

T = TypeVar("T")

definition_kinds: dict[str, type[BaseModel]] = {}  # kind of document -> its model; each package adds its own


class Registry(Generic[T]):
    """The implementations of one interface, by name."""

    def __init__(self, interface: type[T], package: str) -> None:
        self._interface = interface
        self._package = package
        self._known: dict[str, type[T]] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Class decorator: make the class known under `name`.

        Raises:
            TypeError: the class does not implement the interface, is abstract, undocumented, or the name is taken.
        """

        def take(cls: type[T]) -> type[T]:
            if not issubclass(cls, self._interface):
                raise TypeError(f"{cls.__name__} does not implement {self._interface.__name__}")
            if inspect.isabstract(cls):
                raise TypeError(f"{cls.__name__} is abstract: {sorted(getattr(cls, '__abstractmethods__', ()))}")
            if not inspect.getdoc(cls) or cls.__doc__ is None:
                raise TypeError(f"{cls.__name__} has no docstring, wanted one in English and Chinese")
            if name in self._known:
                raise TypeError(f"{name} is taken by {self._known[name].__name__}")
            self._known[name] = cls
            return cls

        return take

    def get(self, name: str) -> type[T]:
        """The class registered as `name`.

        Raises:
            NotFound: there is none.
        """
        self._load()
        if name not in self._known:
            raise NotFound(f"{name!r} is not known here, wanted one of {', '.join(sorted(self._known))}")
        return self._known[name]

    def items(self) -> Iterator[tuple[str, type[T]]]:
        """Every name and class, in the order of names."""
        self._load()
        yield from sorted(self._known.items())

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        package = import_module(self._package)
        for module in iter_modules(package.__path__):
            import_module(f"{self._package}.{module.name}")
        for point in entry_points(group=self._package):
            point.load()
