"""The page compiler: a provider's model page as text in, a model file and a report out."""
