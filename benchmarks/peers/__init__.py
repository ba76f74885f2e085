"""One model, written for every peer that could run it: `reduced.md` says what it is."""
