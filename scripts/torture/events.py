"""Event files of TensorBoard: whether they can be read whatever became of their run, and what it shows of them."""

import json
import struct

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = byte >> 1 ^ 0x82F63B78 * (byte & 1)
    TABLE.append(byte)


def masked(data):
    """The CRC-32C of data, as TFRecord files hold it."""
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """The messages of a file, and whether the last record is whole.
    Raises ValueError for damage."""
    messages, at = [], 0
    while at < len(data):
        if len(data) - at < 12:
            return messages, False
        length, check = struct.unpack_from("<QI", data, at)
        if masked(data[at:at + 8]) != check:
            raise ValueError(f"is damaged at byte {at}: a length")
        begin, end = at + 12, at + 12 + length
        if len(data) < end + 4:
            return messages, False
        messages.append(data[begin:end])
        if masked(messages[-1]) != struct.unpack_from("<I", data, end)[0]:
            raise ValueError(f"is damaged at byte {begin}: a message")
        at = end + 4
    return messages, True


def number(data, at):
    """A number of a protocol buffer's message, and where the next byte is."""
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(message):
    """The fields of a protocol buffer's message: their numbers, and integers or bytes."""
    at = 0
    while at < len(message):
        key, at = number(message, at)
        if key & 7 == 0:
            value, at = number(message, at)
        else:
            size, at = ({1: 8, 5: 4}[key & 7], at) if key & 7 in (1, 5) else number(message, at)
            value, at = message[at:at + size], at + size
        yield key >> 3, value


class Events:
    """The event files of a run that is killed and goes on."""

    def __init__(self, run):
        self.run, self.known, self.cut = run, set(), set()
        self.note(False)

    def note(self, is_killed):
        """Takes note of new files: a record may be cut off only by a kill."""
        names = {path.name for path in self.run.glob("*tfevents*")}
        if is_killed:
            self.cut |= names - self.known
        self.known = names

    def check(self, log):
        """What is wrong with the files, a line each. `log`: of the undisturbed run, lines of update, type and loss."""
        self.note(False)
        shown, problems = {}, []
        for name in sorted(self.known):
            try:
                messages, is_whole = records((self.run / name).read_bytes())
            except ValueError as error:
                problems.append(f"{name} {error}")
                continue
            if not is_whole and name not in self.cut:
                problems.append(f"{name} ends within a record, though nothing killed its run")
            for event in map(dict, map(fields, messages)):
                problems += self.show(event, shown)
        expected = {}
        for update, kind, loss in map(json.loads, log.split("\n")):
            expected[f"{kind}/loss_bits", update] = struct.unpack("<f", struct.pack("<f", loss))[0]
        differing = [key for key in sorted({*expected, *shown}) if shown.get(key) != expected.get(key)]
        if differing:
            first = ", ".join(f"{key}: {shown.get(key)}, not {expected.get(key)}" for key in differing[:3])
            problems.append(f"of {len(differing)} losses TensorBoard shows others, such as {first}")
        return problems

    @staticmethod
    def show(event, shown):
        """Adds the losses of an event to those that are shown, as TensorBoard does."""
        step, problems = event.get(2, 0), []
        # A start says that later steps are made again.
        if dict(fields(event.get(7, b""))).get(1) == 1:
            for key in [key for key in shown if key[1] >= step]:
                del shown[key]
        for _, value in fields(event.get(5, b"")):
            value = dict(fields(value))
            tag = value[1].decode()
            if tag.endswith("/loss_bits"):
                loss = struct.unpack("<f", value[2])[0]
                if (tag, step) in shown:
                    problems.append(f"TensorBoard shows two values of {tag} of update {step}")
                shown[tag, step] = loss
        return problems
