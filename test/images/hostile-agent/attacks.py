"""What the hostile agent does, by name. A cell's code is the name of one; every text that it sends carries MARK."""

import json
import os
import struct
import time

from stream import ABORT, CONTROL, MAX_BODY, MESSAGE, MORE, control, frame, layout

MARK = "hostile-mark"

ATTACKS = {}


def attack(call):
    ATTACKS[call.__name__.replace("_", "-")] = call
    return call


def text(agent, value):
    return agent.body("iopub", "stream", {"name": "stdout", "text": f"{MARK} {value}\n"})


# Frames (AF1 to AF5)


@attack
def length_over(agent):
    agent.write(frame(MESSAGE, b"x" * 64, agent.number(), length=MAX_BODY + 1))


@attack
def length_greatest(agent):
    agent.write(frame(MESSAGE, b"x" * 64, agent.number(), length=0xFFFFFFFF))


@attack
def length_never_filled(agent):
    """The frame is announced and never comes whole; then the agent says no more."""
    agent.write(frame(MESSAGE, b"x" * 64, agent.number(), length=MAX_BODY))
    agent.silent = True


@attack
def magic(agent):
    agent.write(frame(MESSAGE, text(agent, "magic"), agent.number(), magic=0xCB))


@attack
def version(agent):
    agent.write(frame(MESSAGE, text(agent, "version"), agent.number(), version=2))


@attack
def kind(agent):
    agent.write(frame(9, text(agent, "kind"), agent.number()))


@attack
def flags(agent):
    agent.write(frame(MESSAGE, text(agent, "flags"), agent.number(), flags=0x80))


@attack
def skipped_number(agent):
    agent.write(frame(MESSAGE, text(agent, "skipped"), agent.number() + 7))


@attack
def greatest_number(agent):
    agent.write(frame(MESSAGE, text(agent, "greatest"), (1 << 64) - 1))


@attack
def numbered_control(agent):
    agent.write(frame(CONTROL, b'{"type":"pong"}', seq=agent.number()))


@attack
def replayed(agent):
    """Repeats what it sent already, under its old numbers and with another content: the gateway ignores both."""
    first = agent.number()
    agent.write(frame(MESSAGE, text(agent, "once"), first))
    for _ in range(3):
        agent.write(frame(MESSAGE, text(agent, "repeated"), first))
        agent.write(frame(MESSAGE, text(agent, "older"), 1))
    agent.finish()


@attack
def endless_parts(agent):
    while True:
        agent.write(frame(MESSAGE, b"x" * MAX_BODY, agent.number(), MORE))


@attack
def endless_empty_parts(agent):
    """Parts without content never reach the bound of AF4 by their bytes."""
    while True:
        agent.write(b"".join(frame(MESSAGE, b"", agent.number(), MORE) for _ in range(4096)))


@attack
def abort_with_body(agent):
    agent.write(frame(MESSAGE, b"x" * 100, agent.number(), ABORT))


# Message bodies (AF6)


def raw(agent, body):
    last = max(0, (len(body) - 1) // MAX_BODY * MAX_BODY)
    for start in range(0, last, MAX_BODY):
        agent.write(frame(MESSAGE, body[start : start + MAX_BODY], agent.number(), MORE))
    agent.write(frame(MESSAGE, body[last:], agent.number()))


@attack
def empty_body(agent):
    raw(agent, b"")


@attack
def offset_count(agent):
    raw(agent, struct.pack("<Q", (1 << 64) - 1) + b"x" * 64)


@attack
def offsets_backwards(agent):
    raw(agent, struct.pack("<8Q", 7, 300, 200, 100, 64, 90, 80, 70) + b"x" * 300)


@attack
def offsets_beyond(agent):
    raw(agent, struct.pack("<8Q", 7, 64, 1 << 40, 1 << 41, 1 << 42, 1 << 43, 1 << 44, 1 << 45))


@attack
def not_json(agent):
    raw(agent, layout("iopub", b"{", b"\xff\xfe", b"]", b"nul"))
    agent.finish()


@attack
def not_utf8(agent):
    header = json.dumps(agent.header("stream")).encode().replace(b'"stream"', b'"str\xc3\x28am"')
    raw(agent, layout("iopub", header, json.dumps(agent.asked).encode(), b"{}", b"{}"))
    agent.finish()


@attack
def deep_header(agent):
    deep = b"[" * 200_000 + b"]" * 200_000
    raw(agent, layout("iopub", deep, deep, deep, deep))
    agent.finish()


@attack
def deep_content(agent):
    deep = b'{"a":' * 150_000 + b"1" + b"}" * 150_000
    raw(agent, layout("iopub", json.dumps(agent.header("display_data")).encode(), json.dumps(agent.asked).encode(), b"{}", deep))
    agent.finish()


@attack
def huge_content(agent):
    """A whole message of 100 MiB, within the bounds of the stream and beyond every output limit."""
    huge = json.dumps({"name": "stdout", "text": MARK + "x" * (100 << 20)}).encode()
    raw(agent, layout("iopub", json.dumps(agent.header("stream")).encode(), json.dumps(agent.asked).encode(), b"{}", huge))
    agent.finish()


@attack
def huge_header(agent):
    header = {**agent.header("stream"), "more": "x" * (20 << 20)}
    raw(agent, layout("iopub", json.dumps(header).encode(), json.dumps(agent.asked).encode(), b"{}", b'{"name":"stdout","text":"a"}'))
    agent.finish()


@attack
def many_buffers(agent):
    raw(agent, layout("iopub", json.dumps(agent.header("display_data")).encode(), b"{}", b"{}", b"{}", *[b""] * 120_000))


@attack
def strange_channel(agent):
    for channel in ["", "stdin\0", "../../etc", "x" * 5000, "control"]:
        raw(agent, agent.body(channel, "stream", {"name": "stdout", "text": MARK}))
    agent.finish()


@attack
def strange_types(agent):
    """Values of other types, inherited names and states that no client knows."""
    for type, content in [
        ("status", {"execution_state": "exploded"}),
        ("status", {"execution_state": "dead"}),
        ("status", []),
        ("__proto__", {"__proto__": {"polluted": True}, "constructor": {"prototype": {"polluted": True}}}),
        ("stream", {"name": "stdout", "text": 7}),
        ("stream", {"name": {"a": 1}, "text": [MARK] * 10}),
        ("execute_reply", None),
        ("error", {"ename": 1, "evalue": None, "traceback": "no list"}),
        ("shutdown_reply", {"restart": "perhaps"}),
        ("execute_input", 12),
    ]:
        raw(agent, agent.body("iopub", type, content))
        raw(agent, agent.body("shell", type, content))
    agent.finish()


@attack
def forged_parents(agent):
    """Answers to questions that nobody asked, of sessions that are not this kernel's."""
    for session in ["", "0" * 32, "another", "x" * 100_000]:
        agent.asked = {"msg_id": f"{session}-1", "session": session, "msg_type": "execute_request", "username": "root"}
        for channel in ["iopub", "shell", "stdin", "control"]:
            raw(agent, agent.body(channel, "input_request", {"prompt": MARK, "password": True}))
            raw(agent, agent.body(channel, "execute_reply", {"status": "ok", "execution_count": -1}))


# Control bodies (AF7)


@attack
def control_not_json(agent):
    agent.write(frame(CONTROL, b"\xff{not json"))


@attack
def control_no_object(agent):
    agent.write(frame(CONTROL, b"[1, 2]"))


@attack
def control_unknown(agent):
    agent.write(control("promote", to="admin"))


@attack
def control_more_keys(agent):
    agent.write(control("pong", policy="large", image="other"))


@attack
def control_polluting(agent):
    agent.write(frame(CONTROL, b'{"type":"pong","__proto__":{"polluted":true}}'))


@attack
def control_deep(agent):
    agent.write(frame(CONTROL, b'{"type":"pong","a":' + b"[" * 500_000 + b"]" * 500_000 + b"}"))


@attack
def control_huge(agent):
    agent.write(control("failed", generation=agent.generation, reason="x" * (MAX_BODY - 100)))


@attack
def control_wrong_types(agent):
    agent.write(control("stats", memory={"used": -1, "peak": "much", "limit": None}, cpu={"usec": 1e400}, pids=[], oomKills={}))


@attack
def ack_of_unsent(agent):
    agent.write(control("ack", seq=10**12))


@attack
def acks_backwards(agent):
    agent.write(control("ack", seq=1) + control("ack", seq=0) + control("ack", seq=1))
    agent.finish()


@attack
def hello_unasked(agent):
    agent.hello()


@attack
def wrong_order(agent):
    """Lives and deaths of generations that are not, or not yet."""
    agent.write(control("exited", generation=agent.generation + 5, code=0, signal=None, oom=False, expected=True, memory={"peak": 1, "limit": 1}, detail=""))
    agent.write(control("started", generation=agent.generation + 9, kernel="python3", pid=1, standby=False))
    agent.write(control("interrupted", generation=0, killed=99))
    agent.write(control("gap", messages=10**15, bytes=10**15))


@attack
def exit_then_talk(agent):
    agent.write(control("exited", generation=agent.generation, code=None, signal=9, oom=True, expected=False, memory={"peak": 1 << 50, "limit": 1}, detail=f"{MARK} \x1b[31m\x00 detail"))
    for index in range(50):
        raw(agent, text(agent, f"after the end {index}"))


# Floods, silence and death


@attack
def control_flood(agent):
    """Well-formed control frames as fast as the pipe takes them."""
    lot = control("pong") * 1000
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        agent.write(lot)


@attack
def message_flood(agent):
    """Well-formed messages of the kinds that no output limit may drop."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for _ in range(200):
            raw(agent, agent.body("iopub", "status", {"execution_state": "busy"}))


@attack
def random_bytes(agent):
    agent.write(os.urandom(1 << 20))


@attack
def silence(agent):
    agent.silent = True


@attack
def deafness(agent):
    """Never reads again."""
    while True:
        time.sleep(60)


@attack
def death(agent):
    os._exit(3)
