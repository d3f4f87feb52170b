"""What is known of a reader before it searches: voices, models, how many memories."""
