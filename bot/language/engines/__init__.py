"""Machine translation engines behind one protocol. See `base` for it, `router` for which engine serves a pair."""
