"""The operations of Custom Labels on the resources of one account in one region."""
