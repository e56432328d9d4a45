"""The composition: settings, urls, the one port, the process tree, the command line. The only room that sees all."""
