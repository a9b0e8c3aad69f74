"""The command line: one file per command, each thin over the API. Installed as `kwspot.cli`."""
