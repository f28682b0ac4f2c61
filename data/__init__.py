"""The nouns: schemas, intake, store, export."""
