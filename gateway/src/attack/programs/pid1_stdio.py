"""Writes forged frames where the agent speaks, and reads where it listens. Contained: its descriptors cannot be reached; the
harness also looks for the forgery in what arrived."""
probe = Probe("pid1_stdio")
forgery = SETTINGS["forgery_reversed"][::-1]
control = json.dumps({"type": "exited", "forgery": forgery}).encode()
frames = struct.pack("<BBBBIQ", 0xCA, 1, 1, 0, len(control), 0) + control + b"\n" + control + b"\n"


def reach(path, flags):
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if os.fstat(descriptor).st_rdev == os.stat("/dev/null").st_rdev:
        os.close(descriptor)
        raise OSError(errno.EPERM, "this is only /dev/null")
    if flags == os.O_WRONLY:
        os.write(descriptor, frames)
    os.close(descriptor)


try:
    listed = [int(name) for name in os.listdir("/proc/1/fd")]
    probe.hole("/proc/1/fd is listed: %s" % listed[:20])
except OSError as error:
    listed = []
    probe.note("/proc/1/fd %s" % errno.errorcode[error.errno])
for descriptor in sorted(set(listed) | set(range(0, 32)) | set(range(200, 204)) | {255}):
    for flags, name in ((os.O_RDONLY, "reading"), (os.O_WRONLY, "writing")):
        for path in ("/proc/1/fd/%d" % descriptor, "/proc/1/task/1/fd/%d" % descriptor):
            probe.must_fail("%s opens for %s" % (path, name), reach, path, flags)
for path in ("/dev/console", "/dev/tty"):
    probe.must_fail("%s opens" % path, reach, path, os.O_WRONLY)
probe.notes = ["PID 1's descriptors and terminals refused"]
probe.end()
