"""The recipe that would be trained, and the controls of its settings: what the panels that set it share. It knows none of them."""
