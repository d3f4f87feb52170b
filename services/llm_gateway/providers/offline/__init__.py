"""The model that ships with Nova: a small command language, no language model behind it."""
