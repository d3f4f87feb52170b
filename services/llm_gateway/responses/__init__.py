"""POST /v1/responses over any provider: OpenAI's Responses, made of chat completions."""
