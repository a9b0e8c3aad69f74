"""Recordings that kwspot ships with, to try it out; who spoke and what is in manifest.json.

This file makes the folder a regular package: the data of one without it cannot be found after
an editable install.
"""
