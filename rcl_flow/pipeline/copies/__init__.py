"""A trained version in another project, account or region."""
