"""What happens in the background, and the World it happens in."""
