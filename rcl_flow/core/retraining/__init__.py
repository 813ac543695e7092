"""Whether a retraining is worth its price: what is new, and what has drifted."""
