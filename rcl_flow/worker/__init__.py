"""The door for AWS Lambda: one function that does a tick of a run, or one shard."""
