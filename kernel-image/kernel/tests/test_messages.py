"""JSON and headers as Jupyter's clients expect them."""

import datetime
import json
import unittest

from carrel_agent import layout
from carrel_kernel import messages


def back(value):
    return json.loads(messages.to_json(value))


class ToJson(unittest.TestCase):
    def test_what_json_does_not_know_is_turned_into_what_clients_expect(self):
        self.assertEqual(back({"a": b"\x00\xff", "b": {1, 2}, "c": range(2)}), {"a": "AP8=", "b": [1, 2], "c": [0, 1]})
        self.assertEqual(back(datetime.date(2026, 1, 2)), "2026-01-02")

    def test_numbers_that_json_has_not_become_their_names(self):
        self.assertEqual(back([float("nan"), {"x": float("inf")}]), ["nan", {"x": "inf"}])

    def test_lone_surrogates_do_not_stop_a_message(self):
        self.assertEqual(messages.to_json("a\ud800"), b'"a?"')

    def test_a_streams_content_is_the_same_json_by_whichever_way(self):
        seldom = [chr(number) for number in range(32)]
        for text in ("", "a\nb\r\n\tc", 'say "\\n"', "\\", "é🎓\u2028\x7f", "\x1b[31mred\x1b[0m\n", *seldom):
            content = json.loads(messages.stream_content("stdout", text.encode()))
            self.assertEqual(content, {"name": "stdout", "text": text})

    def test_objects_of_no_kind_are_refused_by_name(self):
        with self.assertRaisesRegex(TypeError, "object is not JSON serializable"):
            messages.to_json(object())


class Bodies(unittest.TestCase):
    def test_a_message_has_the_layout_of_its_rule_and_the_parents_header_as_it_came(self):
        writer = messages.Writer()
        pieces = writer.message("iopub", "status", {"execution_state": "busy"}, b'{"msg_id": "p"}', None, [b"raw"])
        channel, parts = layout.unpack(b"".join(bytes(piece) for piece in pieces))
        self.assertEqual(channel, "iopub")
        self.assertEqual(json.loads(bytes(parts[0]))["msg_type"], "status")
        self.assertEqual(bytes(parts[1]), b'{"msg_id": "p"}')
        self.assertEqual(bytes(parts[4]), b"raw")

    def test_dates_are_utc_with_microseconds(self):
        written = datetime.datetime.fromisoformat(messages.now())
        self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - written), datetime.timedelta(minutes=1))

    def test_what_is_no_message_is_refused(self):
        with self.assertRaises(ValueError):
            messages.Request("shell", [b"[]", b"{}", b"{}", b"{}"])
