"""Readers, one module a format; `sessiondoctor.configs` says what each offers."""
