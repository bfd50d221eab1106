"""The codec on the golden files that the gateway's codec is tested on too."""

import json
import unittest
from pathlib import Path

from carrel_agent import frames, layout

GOLDEN = Path(__file__).resolve().parents[3] / "test" / "golden" / "agent-frames"


def load(pattern):
    for path in sorted(GOLDEN.glob(pattern)):
        case = json.loads(path.read_text())
        case["data"] = b"".join(bytes.fromhex(piece) * times for piece, times in case["bytes"])
        yield path.stem, case


def run(case, size):
    """(events, first word of the violation) of the case's bytes fed in pieces of `size`."""
    decoder = frames.Decoder(zeros=case["to"] == "agent", received=case["received"])
    events = []
    try:
        for start in range(0, len(case["data"]), size):
            events.extend(decoder.feed(case["data"][start : start + size]))
    except frames.Violation as violation:
        return events, str(violation).split(":")[0]
    return events, None


def shown(event, like):
    if isinstance(event, dict):
        return {"control": event}
    if isinstance(event, frames.Data):
        size = {"length": len(event.body)} if "length" in like.get("data", {}) else {"body": event.body.hex()}
        return {"data": {"transfer": event.transfer, **size}}
    part = {"seq": event.sequence, "more": event.more, "abort": event.abort}
    if "length" in like.get("part", {}):
        return {"part": {**part, "length": len(event.body)}}
    return {"part": {**part, "body": event.body.hex()}}


@unittest.skipUnless(GOLDEN.is_dir(), "the golden files are not in the image")
class GoldenFrames(unittest.TestCase):
    def test_streams(self):
        """AF1-AF8, AF21: every golden stream, cut at every place"""
        cases = [(name, case) for name, case in load("*.json") if "events" in case]
        self.assertGreater(len(cases), 30)
        for name, case in cases:
            for size in (1, 7, 16, 1 << 20) if len(case["data"]) < 10_000 else (4096, 1 << 21):
                with self.subTest(name, size=size):
                    events, violation = run(case, size)
                    self.assertEqual([shown(e, w) for e, w in zip(events, case["events"])], case["events"])
                    self.assertEqual(len(events), len(case["events"]))
                    self.assertEqual(violation, case["violation"])

    def test_layouts(self):
        """AF6: every golden layout"""
        for name, case in load("layout-*.json"):
            with self.subTest(name):
                if case["layout"] is None:
                    self.assertRaises(frames.Violation, layout.unpack, case["data"])
                    continue
                channel, parts = layout.unpack(case["data"])
                good = case["layout"]
                texts = [bytes(part).decode() for part in parts[:4]]
                self.assertEqual(channel, good["channel"])
                self.assertEqual(texts, [good["header"], good["parent_header"], good["metadata"], good["content"]])
                self.assertEqual([bytes(part).hex() for part in parts[4:]], good["buffers"])
                self.assertEqual(layout.pack(channel, parts) + b"".join(parts), case["data"])


class Limits(unittest.TestCase):
    def test_a_message_grows_too_long(self):
        """AF4: the joined body is at most 128 MiB"""
        decoder = frames.Decoder()
        body = bytes(frames.MAX_BODY)
        for sequence in range(1, 129):
            list(decoder.feed(frames.header(2, frames.MORE, len(body), sequence) + body))
        with self.assertRaisesRegex(frames.Violation, "length: a message grows"):
            list(decoder.feed(frames.header(2, 0, 1, 129)))

    def test_nothing_is_allocated_for_a_refused_length(self):
        """AF1: refused by the header alone"""
        with self.assertRaisesRegex(frames.Violation, "length"):
            list(frames.Decoder().feed(frames.header(2, 0, frames.MAX_BODY + 1, 1)))

    def test_control_frames_are_written_as_they_are_read(self):
        """AF3"""
        self.assertEqual(list(frames.Decoder().feed(frames.control({"type": "ack", "seq": 7}))), [{"type": "ack", "seq": 7}])


if __name__ == "__main__":
    unittest.main()
