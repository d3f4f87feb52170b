"""Which targets a call may have, in which order, and which of them are well enough to be asked."""
