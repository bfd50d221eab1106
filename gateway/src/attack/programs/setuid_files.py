"""Gains rights from files: setuid programs of the image, a setuid copy of its own, file capabilities.

Contained: the kernel ignores all of them for us (no new privileges), and the image has none to begin with.
"""
import shutil
import stat

probe = Probe("setuid_files")
if _libc.prctl(39, 0, 0, 0, 0) != 1:  # PR_GET_NO_NEW_PRIVS
    probe.hole("new privileges are allowed")
for root in ("/usr", "/bin", "/sbin", "/opt"):
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            try:
                mode = os.lstat(path).st_mode
                if stat.S_ISREG(mode) and mode & (stat.S_ISUID | (stat.S_ISGID if mode & 0o010 else 0)):
                    probe.hole("setuid or setgid: %s" % path)
            except OSError:
                pass
copy = os.path.join(writable_places()[0], "copy-of-python")
shutil.copy(os.path.realpath("/bin/true"), copy)
probe.must_fail("file capability", os.setxattr, copy, "security.capability", struct.pack("<IIIII", 0x2000001, 1 << 7, 0, 0, 0))
os.unlink(copy)
probe.end()
