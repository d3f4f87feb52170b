"""What /v1/responses and /v1/messages share: both are made of chat completions."""
