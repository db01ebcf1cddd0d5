"""The chatbot contract."""
