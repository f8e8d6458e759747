"""Makes the project's own tiny Argos package, English to Spanish, for tests only. See README.md beside this file."""
