"""Valv: a self-hosted archive for contact centres that can prove it forgot."""

__version__ = "0.1.0"
