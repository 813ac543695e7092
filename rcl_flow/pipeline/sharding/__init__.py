"""Many items, with bounded work under way: in threads, or in shards that others work on."""
