"""Rank."""

import streamlit as st

st.title("Rank")
