"""Judge a model honestly: from what it answered to scores, intervals, verdict, reasons and advice.

Read in this order: `answers` (truth and answers as arrays), `matching` (which found object is
which true one), `metrics` and `ranking` (figures at thresholds, and over all of them),
`intervals` (how sure they are), `comparison` (test against holdout), `analysis` (why, and what to
do next).
"""
