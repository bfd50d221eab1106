"""Asks the engine's own resolver, and every other that is set up, for the names that a stack has: gateway, database, engine, cloud.
Contained: no resolver answers, and no name but this machine's own has an address."""
probe = Probe("service_names")
query = lambda name: struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(part)]) + part for part in name.encode().split(b".")) + b"\0\0\1\0\1"
for server in ("127.0.0.11", "127.0.0.53", "127.0.0.1"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
        caller.settimeout(0.5)
        try:
            caller.sendto(query("gateway"), (server, 53))
            caller.recv(512)
            probe.hole("the resolver %s answers" % server)
        except OSError as error:
            probe.note("%s %s" % (server, error))
for line in (read("/proc/net/arp") or "").splitlines()[1:]:
    probe.hole("a machine nearby: %s" % line.split()[0])
names = [line.split()[1:] for line in (read("/etc/hosts") or "").splitlines() if line.strip() and not line.startswith("#")]
for name in ("gateway", "warden", "postgres", "redis", "proxy", "host.docker.internal", "metadata.google.internal"):
    if any(name in each for each in names):
        probe.hole("%s has an address" % name)
probe.end()
