"""Skills: reusable blocks of agents' prompts."""
