"""What the contract's requests say, parsed once into something typed; one file a section of the document."""
