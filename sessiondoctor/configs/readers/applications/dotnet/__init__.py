"""Readers of ASP.NET and ASP.NET Core."""
