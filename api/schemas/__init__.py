"""The JSON that goes in and out, one module per subject. Requests refuse fields and types that they do not know."""
