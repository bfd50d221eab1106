"""Calls the kernel by its other doors: int 0x80 (32-bit numbers, which a filter may not know) and the x32 numbers.
Contained: the filter kills the caller, or the call does not exist."""
import mmap

probe = Probe("compat32")


def int80(number, ebx=0, ecx=0):
    code = b"\x53\xb8%s\xbb%s\xb9%s\xcd\x80\x5b\xc3" % tuple(struct.pack("<I", v) for v in (number, ebx, ecx))
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


def getpid():
    if int80(20) == os.getpid():
        probe.hole("getpid through int 0x80")


def personality():
    answer = int80(136, 0xFFFFFFFF)
    if answer >= 0:
        probe.hole("personality through int 0x80")


def x32():
    probe.must_refuse("getpid by its x32 number", 0x40000000 | 39)


for action in (getpid, personality, x32):
    probe.note("%s ended with %s" % (action.__name__, probe.apart(action.__name__, action)))
probe.end()
