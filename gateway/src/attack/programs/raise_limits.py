"""Raises each of its hard limits, and puts limits of a parent on itself anew. Contained: none can be raised, and none of those
that protect the machine is without a bound."""
import resource

probe = Probe("raise_limits")
NAMES = [name for name in dir(resource) if name.startswith("RLIMIT_") and name != "RLIMIT_OFILE"]


def raise_all():
    for name in NAMES:
        soft, hard = resource.getrlimit(getattr(resource, name))
        if hard == resource.RLIM_INFINITY:
            continue
        try:
            resource.setrlimit(getattr(resource, name), (soft, hard + 1))
            probe.hole("%s goes from %d to %d" % (name, hard, hard + 1))
        except (OSError, ValueError) as error:
            probe.note("%s %s" % (name, error))


probe.apart("limits", raise_all)
for name in ("RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_MEMLOCK", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE"):
    if resource.getrlimit(getattr(resource, name))[1] == resource.RLIM_INFINITY:
        probe.hole("%s has no bound" % name)
probe.end()
