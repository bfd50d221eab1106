"""Keeps and reads keys in the kernel, where no namespace separates them. Contained: refused."""
probe = Probe("keyrings")
probe.must_refuse("add_key", 248, b"user", b"carrel-probe", b"x", 1, -3)
probe.must_refuse("request_key", 249, b"user", b"carrel-probe", 0, -3)
probe.must_refuse("keyctl: session keyring", 250, 0, -3, 1)
text = read("/proc/keys") or ""
if text.strip():
    probe.hole("/proc/keys lists %d keys" % len(text.splitlines()))
probe.end()
