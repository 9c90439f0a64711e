"""Questions and votes, of the shape that Django's tutorial teaches."""
