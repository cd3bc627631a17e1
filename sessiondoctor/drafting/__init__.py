"""The first topology file of a site, written from what is at hand.

    files -> configs.Configs -> components.of_configs --.
    URL   -> visit.visit (one client, a few pages)  -----+-> document.written -> YAML with comments

What is written says by which line of which file, or by what the visit showed. What is only likely is marked as a guess;
what must be filled in is a comment with `TODO`, so that the file can be scanned as it is. No secret is copied: where a
file has a password, `${NAME}` stands for it.
"""
