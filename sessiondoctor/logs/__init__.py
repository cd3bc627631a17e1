"""Reads logs: finds the lines that tell why sessions are lost, in any size of file, in bounded memory."""
