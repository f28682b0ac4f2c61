"""All that the browser meets."""
