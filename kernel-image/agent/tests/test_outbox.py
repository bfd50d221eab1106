"""What waits to be sent: numbers, acknowledgements, back-pressure, the away mode."""

import json
import unittest

from carrel_agent import frames, layout
from carrel_agent.outbox import RESERVE, Outbox

LIMIT = 4 << 20
AWAY = 10.0


def body(kind, size, channel="iopub"):
    parts = [json.dumps({"msg_id": "1", "msg_type": kind}).encode(), b"{}", b"{}", b"x" * size]
    return layout.pack(channel, parts) + b"".join(parts)


def parts(data, size=frames.MAX_BODY):
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return [frames.Part(0, n < len(pieces) - 1, False, piece) for n, piece in enumerate(pieces)]


def message(kind, size=100, channel="iopub"):
    return parts(body(kind, size, channel))[0]


def written(outbox):
    """Everything that waits, as (sequence, flags) or the control body."""
    found = []
    while entry := outbox.take():
        if entry.sequence:
            found.append((entry.sequence, frames.HEADER.unpack(entry.head)[3]))
        else:
            found.append(json.loads(entry.head[16:]))
    return found


class Flow(unittest.TestCase):
    def setUp(self):
        self.outbox = Outbox(LIMIT)

    def fill(self, now=0.0):
        count = 0
        while self.outbox.put(message("stream", 200_000), now):
            count += 1
        return count

    def test_numbers(self):
        """AF2: 1, 2, 3 …; control frames keep their place and take no number"""
        self.outbox.put(message("status"), 0)
        self.outbox.place({"type": "started"})
        self.outbox.put(message("status"), 0)
        self.assertEqual(written(self.outbox), [(1, 0), {"type": "started"}, (2, 0)])

    def test_back_pressure(self):
        """AF16: full is full, also for replies; an acknowledgement makes room"""
        self.fill()
        self.assertLessEqual(self.outbox.held, LIMIT)
        self.assertFalse(self.outbox.put(message("execute_reply", 200_000, "shell"), 0))
        written(self.outbox)
        self.outbox.ack(3)
        self.assertTrue(self.outbox.put(message("stream", 200_000), 0))

    def test_acknowledged_beyond(self):
        """AF14"""
        self.outbox.put(message("status"), 0)
        self.assertRaises(frames.Violation, self.outbox.ack, 2)

    def test_rewind(self):
        """AF10: all that is not acknowledged comes again, with the marks that may have been lost"""
        for _ in range(3):
            self.outbox.put(message("status"), 0)
        self.outbox.place({"type": "exited"})
        written(self.outbox)
        self.outbox.rewind(2)
        self.assertEqual((self.outbox.first, self.outbox.next), (3, 4))
        self.assertEqual(written(self.outbox), [(3, 0), {"type": "exited"}])
        self.outbox.rewind(3)
        self.assertEqual(written(self.outbox), [{"type": "exited"}])
        self.outbox.put(message("status"), 0)
        written(self.outbox)
        self.outbox.rewind(4)
        self.assertEqual(written(self.outbox), [])
        self.assertEqual(self.outbox.held, 0)

    def test_away_drops_output_and_keeps_the_rest(self):
        """AF16, AF17"""
        kept = self.fill()
        for _ in range(10):
            self.assertTrue(self.outbox.put(message("stream", 200_000), AWAY))
        self.assertTrue(self.outbox.put(message("status"), AWAY))
        self.assertTrue(self.outbox.put(message("execute_reply", 1000, "shell"), AWAY))
        out = written(self.outbox)
        self.assertEqual(out[kept]["messages"], 10)
        self.assertGreater(out[kept]["bytes"], 2_000_000)
        self.assertEqual(out[kept + 1 :], [(kept + 1, 0), (kept + 2, 0)])

    def test_the_reserve_is_bounded(self):
        """AF16: beyond 1 MiB even what may not be dropped waits"""
        self.fill()
        while self.outbox.put(message("status", 50_000), AWAY):
            pass
        self.assertLessEqual(self.outbox.held, LIMIT + RESERVE)
        self.assertGreater(self.outbox.held, LIMIT)

    def test_a_long_message_is_dropped_from_its_start(self):
        """AF16: its first part says how long it is"""
        for part in parts(body("display_data", 6 << 20)):
            self.assertTrue(self.outbox.put(part, AWAY))
        self.assertEqual((self.outbox.held, self.outbox.next), (0, 1))
        self.outbox.put(message("status"), AWAY)
        self.assertEqual(written(self.outbox)[0]["messages"], 1)

    def test_a_message_begun_is_aborted(self):
        """AF5, AF16: away in the middle of it"""
        pieces = parts(body("display_data", 6 << 20))
        taken = [self.outbox.put(piece, 0) for piece in pieces]
        first = taken.index(False)
        for piece in pieces[first:]:
            self.assertTrue(self.outbox.put(piece, AWAY))
        self.outbox.put(message("status"), AWAY)
        out = written(self.outbox)
        self.assertEqual(out[first], (first + 1, frames.ABORT))
        self.assertEqual(out[first + 1]["messages"], 1)
        self.assertGreater(out[first + 1]["bytes"], 6 << 20)

    def test_a_long_reply_waits(self):
        """AF16: a reply is never dropped"""
        self.fill()
        self.assertFalse(self.outbox.put(message("execute_reply", 1_000_000, "shell"), AWAY - 6))
        long = [self.outbox.put(piece, AWAY) for piece in parts(body("execute_reply", 3 << 20, "shell"))]
        self.assertIn(False, long)

    def test_back_again(self):
        """AF16: one byte ends the away mode"""
        self.fill()
        self.assertTrue(self.outbox.put(message("stream", 200_000), AWAY))
        self.outbox.heard = AWAY
        self.assertFalse(self.outbox.put(message("stream", 200_000), AWAY + 1))

    def test_death(self):
        """AF5: a half message is ended, a whole one is not"""
        self.outbox.put(parts(body("stream", 3 << 20))[0], 0)
        self.outbox.abort()
        self.outbox.abort()
        self.assertEqual(written(self.outbox), [(1, frames.MORE), (2, frames.ABORT)])


if __name__ == "__main__":
    unittest.main()
