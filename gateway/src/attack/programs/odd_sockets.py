"""Asks for every socket family, raw sockets, rare protocols and every netlink protocol. Contained: none but Unix sockets,
TCP, UDP and ICMP echo (which lead nowhere) and routing netlink (which Python's interface listing needs)."""
probe = Probe("odd_sockets")
UNIX, INET, INET6, NETLINK = 1, 2, 10, 16
for family in range(3, 46):
    if family in (INET6, NETLINK):
        continue
    for kind in (1, 2, 3, 5):
        probe.must_refuse("family %d type %d" % (family, kind), 41, family, kind, 0)
for family in (INET, INET6):
    probe.must_refuse("raw socket", 41, family, 3, 255)
    for protocol, name in ((262, "MPTCP"), (132, "SCTP"), (33, "DCCP"), (136, "UDP-Lite")):
        for kind in (1, 2, 5):
            try:
                os.close(syscall(41, family, kind, protocol))
                probe.hole("%s by family %d" % (name, family))
            except OSError:
                pass
for protocol in range(1, 32):
    for kind in (2, 3):
        try:
            os.close(syscall(41, NETLINK, kind, protocol))
            probe.hole("netlink protocol %d" % protocol)
            break
        except OSError:
            pass
probe.notes = ["43 families, 4 protocols, 31 netlink protocols refused"]
probe.end()
