"""The templates of a page: HTML, SVG, CSS and scripts that a browser could open by themselves."""
