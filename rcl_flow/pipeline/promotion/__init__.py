"""Who holds the champion's place: challengers compared, decisions entered, and taken back."""
