"""The commands of operators (DESIGN.md section 6)."""
