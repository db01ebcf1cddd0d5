"""Commands of chatbots."""
