"""The reward model: features, fit, evaluation, scores."""
