"""Provider keys and addresses that are set while Nova runs."""
