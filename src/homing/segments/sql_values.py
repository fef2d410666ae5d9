"""How does SQL say a comparison? As `core.condition_sql` says it, for segments and traits alike."""

from homing.core.condition_sql import Bind, Forms, sign

__all__ = ["Bind", "Forms", "sign"]
