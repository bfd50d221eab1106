"""Asks for io_uring and kernel AIO: the way of many recent exploits, and I/O that no filter sees. Contained: refused."""
probe = Probe("async_io")
probe.must_refuse("io_uring_setup", 425, 8, buffer())
probe.must_refuse("io_uring_enter", 426, -1, 0, 0, 0, 0, 0)
probe.must_refuse("io_uring_register", 427, -1, 0, 0, 0)
probe.must_refuse("io_setup", 206, 8, buffer())
probe.must_refuse("io_submit", 209, 0, 0, 0)
probe.end()
