"""Translation models: where they come from, how they arrive whole, where they are kept."""
