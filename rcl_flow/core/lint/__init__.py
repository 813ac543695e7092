"""What the service would say of a manifest, and why, without asking it.

`manifests` reads one line after another; `clean` lets the lines pass in which nothing is wrong,
`lines` judges all others in full. `forecast` says what an import and a training make of it,
`fixing` corrects what needs no decision, `findings` puts it into the audit's words.
"""
