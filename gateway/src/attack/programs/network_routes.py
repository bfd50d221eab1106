"""Asks for a way out: interfaces, routes, metadata service, mail, web, neighbours. Nothing is sent: connect() on a datagram
socket only looks a route up. Contained: there is no interface but lo and no route."""
probe = Probe("network_routes")
for _, name in socket.if_nameindex():
    if name != "lo":
        probe.hole("interface %s" % name)
for line in (read("/proc/net/route") or "").splitlines()[1:]:
    probe.hole("route through %s" % line.split()[0])


def look_up(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        caller.connect(address)


places = {"metadata": "169.254.169.254", "the internet": "8.8.8.8", "a private net": "10.0.0.1", "docker's bridge": "172.17.0.1"}
for what, address in places.items():
    for port in (25, 53, 80):
        probe.must_fail("%s port %d" % (what, port), look_up, socket.AF_INET, (address, port))
probe.must_fail("broadcast", look_up, socket.AF_INET, ("255.255.255.255", 67))
probe.must_fail("the internet by IPv6", look_up, socket.AF_INET6, ("2001:4860:4860::8888", 53))
probe.must_fail("metadata by IPv6", look_up, socket.AF_INET6, ("fd00:ec2::254", 80))
probe.end()
