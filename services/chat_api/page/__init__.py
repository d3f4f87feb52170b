"""The built-in chat page: three files, nothing from elsewhere."""
