"""What Valv needs of a database beyond what Django gives."""
