"""What lasts: documents in the state store, leases on projects, and the ledger of what was paid."""
