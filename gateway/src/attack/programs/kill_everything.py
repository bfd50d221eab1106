"""Stops and kills every process that may be signalled, the cell's own kernel among them. Contained: the agent lives, and the
harness gets its 1+1 from a new kernel."""
probe = Probe("kill_everything")
sys.stdout.flush()
child = os.fork()
if child == 0:
    os.setsid()
    time.sleep(0.2)
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(-1, number)
        except OSError:
            pass
    os._exit(0)
os.waitpid(child, 0)
probe.note("nobody was killed")
probe.end()
