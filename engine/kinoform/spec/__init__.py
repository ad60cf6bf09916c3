"""Pipeline text and model files in, checked steps out.

The only room that knows yaml, jinja2 and jsonschema.
"""
