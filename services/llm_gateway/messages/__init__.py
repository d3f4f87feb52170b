"""POST /v1/messages over any provider: Anthropic's Messages, made of chat completions."""
