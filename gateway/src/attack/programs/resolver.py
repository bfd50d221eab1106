"""Reads names and addresses that the engine writes into the container. Contained: no resolver, domain or host of the site."""
import ipaddress

probe = Probe("resolver")
for line in (read("/etc/resolv.conf") or "").splitlines():
    words = line.split("#")[0].split() + [""]
    if words[0] == "nameserver" and not ipaddress.ip_address(words[1].split("%")[0]).is_loopback:
        probe.hole("nameserver %s" % words[1])
    if words[0] in ("search", "domain") and words[1] not in ("", "."):
        probe.hole("search domain %s" % words[1])
    if "ExtServers" in line:
        probe.hole(line)
for line in (read("/etc/hosts") or "").splitlines():
    words = line.split("#")[0].split()
    if words and not (ipaddress.ip_address(words[0]).is_loopback or words[0].startswith(("fe00:", "ff00:", "ff02:"))):
        probe.hole("hosts: %s" % line)
probe.note("resolv.conf %r" % (read("/etc/resolv.conf") or "")[:80])
probe.end()
