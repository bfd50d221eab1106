"""Publishes pages of 8 MiB without end through the kernel's own messages, beside what is printed (own cap: 96 MiB). Contained: what
arrives is bounded as printed output is, and the worksheet answers."""
probe = Probe("display_flood")
page = "<p>" + "x" * (8 << 20)


def publish():
    try:
        from IPython import get_ipython
        from IPython.display import publish_display_data
    except ImportError:
        return print
    return print if get_ipython() is None else lambda text: publish_display_data({"text/html": text})


show = publish()
for _ in range(12):
    show(page)
probe.note("all was taken")
probe.end()
