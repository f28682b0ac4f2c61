"""Judgements as files for others: rows, files, a train and a test side, a data card."""
