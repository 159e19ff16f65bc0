"""Names that people type become runs, and runs become the sides of a comparison."""
