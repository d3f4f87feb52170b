"""Facts: one current statement per project, category and key, its versions kept."""
