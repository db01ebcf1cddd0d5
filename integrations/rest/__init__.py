"""What every REST contract does the same way, whatever its words: reading JSON, collecting errors, who may call."""
