"""What we say, in English and French."""
