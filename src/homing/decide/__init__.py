"""What to do? Who is held out, which arm, which products."""
