"""Try it."""

import streamlit as st

st.title("Try it")
