"""SUPERVISING jobs, without Qt and without torch: start a job process, watch its journal, tell it what to do, say its state in words.

A job is a folder. Nothing here writes into a journal; the only files this layer writes into a job folder are
`control.json` and the log that the process's own output goes to. Whoever imports this layer may die at any time: the job goes on.
"""
