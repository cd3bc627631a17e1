"""Access logs: which sessions met which nodes.

One pass. Python's own expressions over bytes do it for what is small, in memory for each session seen, not each line.
What is large is counted by DuckDB with the same expressions, if it is installed: on all processors, in bounded memory
however many sessions there are. Both come to the same counts, whatever the order of lines.
"""
