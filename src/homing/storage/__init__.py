"""The only code that speaks to a database or broker: log, warehouse, state."""
