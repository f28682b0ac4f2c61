"""Reward model."""

import streamlit as st

st.title("Reward model")
