"""The page that an analyst opens each morning: one HTML file, made from the published marts alone."""
