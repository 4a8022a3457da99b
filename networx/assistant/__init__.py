"""The assistant: suggestions and summaries by a language model, within a budget, checked before anybody sees them."""
