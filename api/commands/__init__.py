"""The commands of `huida`, one module per subject. Anything slow to import is imported inside a command."""
