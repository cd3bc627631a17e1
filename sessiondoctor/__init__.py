"""sessiondoctor finds out why users of a clustered web application lose their sessions."""

__version__ = "0.1.0"
