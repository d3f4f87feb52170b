"""Chat completions: Nova's own routes and OpenAI's."""
