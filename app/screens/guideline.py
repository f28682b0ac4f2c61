"""Guideline."""

import streamlit as st

st.title("Guideline")
