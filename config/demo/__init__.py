"""The demo team, and the factories that tests and the demo share."""
