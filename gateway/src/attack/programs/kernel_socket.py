"""Speaks on the kernel's own lines, the sockets and pipes that this process has: broken frames, giant lengths, control messages that
only the agent may send. Contained: at most this kernel ends; nothing arrives as another's word, and the worksheet goes on."""
import stat

probe = Probe("kernel_socket")
forgery = SETTINGS["forgery_reversed"][::-1]
control = json.dumps({"type": "exited", "generation": 1, "code": 0, "forgery": forgery}).encode()
junk = [
    struct.pack("<BBBBIQ", 0xCA, 1, 1, 0, len(control), 0) + control,
    struct.pack("<BBBBIQ", 0xCA, 1, 2, 1, 0x7FFFFFFF, 1 << 62),
    struct.pack("<BBBBIQ", 0xCA, 1, 9, 0, 8, 1) + bytes(8),
    b"\n" + control + b"\n",
    bytes(4096),
]


def speak():
    spoken = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            mode = os.fstat(int(name)).st_mode
            if int(name) < 1 or not (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)):
                continue
            os.set_blocking(int(name), False)
            for piece in junk:
                os.write(int(name), piece)
            spoken += 1
        except OSError:
            pass
    return spoken


probe.note("spoke on %d lines" % speak())
probe.end()
