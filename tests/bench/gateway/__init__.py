"""What the gateway costs a call, beside the same call made directly."""
