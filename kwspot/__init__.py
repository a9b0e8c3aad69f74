"""kwspot: few-shot spoken keyword discovery."""
