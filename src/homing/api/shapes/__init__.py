"""Which JSON goes in and out of the admin API? One file a stage; nothing here thinks."""
