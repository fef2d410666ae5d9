"""Which processes and threads make a workspace live? Clock, stream worker, warehouse loader, sender, scheduler."""
