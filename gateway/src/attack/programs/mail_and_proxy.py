"""Sends mail and fetches pages in the site's name, as code on one big machine could: a mail program, mail servers, proxies, the
machine's own services on its first address. Connections are opened and closed, nothing is said. Contained: nobody answers, and
nothing is set up."""
probe = Probe("mail_and_proxy")
for name in os.environ:
    if name.lower() in ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "smtp_server", "mailhost"):
        probe.hole("variable %s" % name)
for path in ("/usr/sbin/sendmail", "/usr/bin/mail", "/usr/bin/msmtp", "/etc/msmtprc", "/etc/ssmtp/ssmtp.conf", "/etc/postfix/main.cf"):
    if os.path.exists(path):
        probe.hole("%s is there" % path)


def knock(address, port):
    caller = socket.socket()
    caller.setblocking(False)
    waits = caller.connect_ex((address, port)) == errno.EINPROGRESS
    if waits and not select.select([], [caller], [], 0.3)[1]:
        probe.note("%s port %d: silence" % (address, port))
    else:
        code = caller.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if waits else errno.ENETUNREACH
        if code in (0, errno.ECONNREFUSED):
            probe.hole("somebody is at %s port %d: %s" % (address, port, errno.errorcode.get(code, "connected")))
        else:
            probe.note("%s port %d %s" % (address, port, errno.errorcode[code]))
    caller.close()


first = []
for line in (read("/proc/net/route") or "").splitlines()[1:]:
    words = line.split()
    network = int(words[1], 16)
    if network:
        first.append(socket.inet_ntoa(struct.pack("<I", int(words[1], 16) | 1 << 24)))
for address in first + ["172.17.0.1", "10.0.0.1", "192.168.1.1"]:
    for port in (25, 3128):
        knock(address, port)
for port in (25, 587, 3128, 8080):
    with socket.socket() as caller:
        if caller.connect_ex(("127.0.0.1", port)) == 0:
            probe.hole("a service on port %d of this machine" % port)
probe.end()
