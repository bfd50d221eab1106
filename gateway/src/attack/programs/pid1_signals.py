"""Sends every signal to the agent by every call that can. Contained: it lives, is not stopped, and answers afterwards."""
probe = Probe("pid1_signals")
before, delivered = started(1), 0


def send(number):
    yield lambda: os.kill(1, number)
    yield lambda: syscall(234, 1, 1, number)  # tgkill
    yield lambda: syscall(200, 1, number)  # tkill
    yield lambda: syscall(129, 1, number, buffer(struct.pack("iii", number, 0, -1), 128))  # rt_sigqueueinfo
    yield lambda: signal.pidfd_send_signal(syscall(434, 1, 0), number)


for number in range(1, 65):
    for way in send(number):
        try:
            way()
            delivered += 1
        except OSError:
            pass
time.sleep(0.3)
state = (read("/proc/1/stat") or ") gone").rsplit(")", 1)[1].split()[0]
if started(1) != before or state in ("T", "t"):
    probe.hole("PID 1 is in state %s" % state)
probe.note("%d of 320 signals accepted by the kernel, PID 1 in state %s" % (delivered, state))
probe.end()
