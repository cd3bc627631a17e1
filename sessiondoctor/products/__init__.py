"""What is known of products of others: how they are recognised, and what they need on several nodes."""
