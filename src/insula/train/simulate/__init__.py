"""How simulated people are fitted to the talks of real ones."""
