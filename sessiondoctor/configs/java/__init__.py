"""What several readers of Java configuration share."""
