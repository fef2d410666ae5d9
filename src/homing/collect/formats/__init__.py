"""Files that are no plain table of ours: one format a file; its fields are its settings and its form."""

from homing.collect.formats.format import About, Format, LineFormat, LineReader, Part, Unreadable, formats

__all__ = ["About", "Format", "LineFormat", "LineReader", "Part", "Unreadable", "formats"]
