"""The launcher: `streamlit run streamlit_app.py` serves Rankdesk (or `uvicorn streamlit_app:app`)."""

from pathlib import Path

import streamlit as st

from app.server import MIDDLEWARE, ROUTES, lifespan

app = st.App(Path(__file__).parent / "app" / "main.py", lifespan=lifespan, routes=ROUTES, middleware=MIDDLEWARE)
