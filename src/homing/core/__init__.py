"""Words every stage shares: events, ids, time, conditions, errors. No I/O, imports nothing of ours."""
