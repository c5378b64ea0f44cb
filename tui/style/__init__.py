"""How things look: themes, glyphs, numbers."""
