"""Ways in that are asked, listened to or called: one file each; its fields are its settings and its form."""

from homing.collect.connectors.connector import (
    Broken,
    Call,
    Caller,
    Connector,
    Home,
    Listener,
    Portion,
    Puller,
    Row,
    connectors,
)

__all__ = ["Broken", "Call", "Caller", "Connector", "Home", "Listener", "Portion", "Puller", "Row", "connectors"]
