"""The built console, served beside the admin API it speaks to.

The React sources are in `console/` at the root of the repository; their build is `static/` in this package.
"""

from homing.console.app import create, mount

__all__ = ["create", "mount"]
