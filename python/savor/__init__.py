"""The Python part of savor."""
