"""The HTTP/1.1 client under every probe: exact bytes out, every byte in seen and bounded."""
