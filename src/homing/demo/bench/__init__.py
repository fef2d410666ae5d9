"""How fast and how safe is it? One file a bench, each beside its anchor in the same run; `homing bench NAME`."""
