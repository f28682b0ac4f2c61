"""A ranking's life: assignment, pairs, agreement, leaderboard."""
