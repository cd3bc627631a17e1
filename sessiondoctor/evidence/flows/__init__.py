"""Declared flows: logins, forms, growth, parallel updates."""
