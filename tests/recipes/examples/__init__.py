"""The new files of the worked examples; each is copied to where its recipe says."""
