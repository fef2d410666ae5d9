"""Do it: journeys decide, the gate objects, the ledger remembers, the sender hands over."""
