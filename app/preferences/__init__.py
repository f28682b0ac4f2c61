"""What the Preferences page shows, one module a part of it."""
