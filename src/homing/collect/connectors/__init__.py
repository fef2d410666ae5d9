"""Ways in that are asked, listened to or called: one file each; its fields are its settings and its form."""

from homing.collect.connectors.connector import Call, Caller, Connector, Listener, Portion, Puller, Row, connectors

__all__ = ["Call", "Caller", "Connector", "Listener", "Portion", "Puller", "Row", "connectors"]
