"""The partner contract: contracts/partner-integration-guide.md. Start at README.md."""
