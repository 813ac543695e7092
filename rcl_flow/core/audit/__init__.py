"""Findings about the datasets, before anything is paid for.

`auditing` runs every rule; `catalogue` lists them, `rules` holds the config's thresholds, and
`subject` what the rules look at. Each other module looks for one kind of thing:

- `structure`: what the service refuses; `counts`: sizes and balance; `relations`: equal images
  and labels across the splits; `similar`: images that look nearly equal.
- `boxes`: single boxes; `origins`: generated and augmented images; `oddities`: dark, blurred or
  flat images.
- `variety` and `spread`: variation within a label; `shift` and `shares`: differences between
  splits; `taxonomy` and `looks`: labels that are not distinct.
- `factors` and `factor_table` hold what is compared; `summary` what is shown beside the findings.
"""
