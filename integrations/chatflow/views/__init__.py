"""The contract's endpoints, one file a section."""
