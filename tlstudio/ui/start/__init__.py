"""The page before any project: drop a folder, open the sample, a recent project or another one."""
