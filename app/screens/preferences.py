"""Preferences."""

import streamlit as st

st.title("Preferences")
