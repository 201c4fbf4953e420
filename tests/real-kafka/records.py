"""kafka-python, which shares no code with Kafka or with us, as a second judge of record batches.

    records.py script SEED FILE            writes a scenario that produces records of random content
    records.py write SEED DIR              writes segments of random content, and what is in them
    records.py read KAFKASCOPE DIR...      reads every segment under DIR and compares with our reading

Records are lines as `kafkascope dump-log --records` prints them.
"""

import random
import struct
import subprocess
import sys
from pathlib import Path

from kafka.record import MemoryRecords, MemoryRecordsBuilder

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
START = 1_767_225_600_000


def content(draw, most):
    """Nothing, no bytes, text, or any bytes."""
    kind = draw.randrange(5)
    if kind == 0:
        return None
    if kind == 1:
        return draw.randbytes(draw.randrange(most))
    return ("글" * draw.randrange(3) + "ab" * draw.randrange(most // 2)).encode()


def headers(draw):
    return [
        (draw.choice(["", "h", "trace", "머리"]), content(draw, 20))
        for _ in range(draw.choice([0, 0, 0, 1, 3]))
    ]


def hexadecimal(data):
    return "null" if data is None else "0x" + data.hex()


def line(offset, kind, timestamp, key, value, pairs):
    words = [str(offset), f"{kind}={timestamp}", hexadecimal(key), hexadecimal(value)]
    words += [f"{hexadecimal(name.encode())}={hexadecimal(data)}" for name, data in pairs]
    return " ".join(words)


def quoted(data):
    return '"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


def script(seed, file):
    draw = random.Random(seed)
    lines = [
        f"$ cluster brokers=1 seed={seed}",
        "$ run until ready",
        "$ kafka-topics.sh --create --topic random --partitions 3 "
        "--config segment.bytes=20000 --config index.interval.bytes=300",
        "$ run until quiet",
    ]
    for _ in range(1500):
        words = ["$ produce random"]
        key, value = content(draw, 40), content(draw, 120)
        words += [] if key is None else [f"key={quoted(key)}"]
        words += ["null-value" if value is None else f"value={quoted(value)}"]
        for name, data in headers(draw):
            words.append(f"header={quoted(name.encode())}:{quoted(data or b'')}")
        if draw.randrange(3) == 0:
            words.append(f"timestamp={START - draw.randrange(10**9)}")
        if draw.randrange(3) == 0:
            words.append(f"partition={draw.randrange(3)}")
        lines.append(" ".join(words))
        if draw.randrange(8) == 0:
            lines.append("$ run 20ms")
    lines.append("$ run until quiet")
    Path(file).write_text("\n".join(lines) + "\n")


def write(seed, directory):
    draw = random.Random(seed)
    for codec, name in enumerate(CODECS):
        partition = Path(directory) / f"{name}-0"
        partition.mkdir(parents=True)
        log, lines, offset = bytearray(), [], 0
        for _ in range(60):
            idempotent, transactional = draw.choice([(False, False), (True, False), (True, True)])
            builder = MemoryRecordsBuilder(
                2,
                codec,
                1 << 20,
                transactional=transactional,
                producer_id=draw.randrange(1 << 40) if idempotent else -1,
                producer_epoch=draw.randrange(1 << 15) if idempotent else -1,
                base_sequence=draw.randrange(1 << 31) if idempotent else -1,
            )
            base = offset
            for _ in range(draw.randrange(1, 30)):
                timestamp = START + draw.randrange(-(10**6), 10**6)
                record = (timestamp, content(draw, 60), content(draw, 300), headers(draw))
                builder.append(*record)
                lines.append(line(offset, "CreateTime", *record))
                offset += 1
            builder.close()
            batch = bytearray(builder.buffer())
            # What a leader sets: the base offset and its epoch. The CRC covers neither.
            struct.pack_into(">q", batch, 0, base)
            struct.pack_into(">i", batch, 12, draw.randrange(100))
            log += batch
        (partition / f"{0:020}.log").write_bytes(log)
        (partition / "records.txt").write_text("".join(f"{line}\n" for line in lines))


def listed(data):
    """The records of a segment, as kafka-python reads them."""
    records, lines = MemoryRecords(data), []
    while (batch := records.next_batch()) is not None:
        if not batch.validate_crc():
            raise ValueError(f"the CRC of the batch at offset {batch.base_offset} is wrong")
        kind = "LogAppendTime" if batch.timestamp_type else "CreateTime"
        if not batch.is_control_batch:
            for r in batch:
                lines.append(line(r.offset, kind, r.timestamp, r.key, r.value, r.headers))
    return lines


def read(kafkascope, directories):
    files, count, wrong = 0, 0, 0
    for file in sorted(file for directory in directories for file in Path(directory).rglob("*.log")):
        ours = subprocess.run(
            [kafkascope, "dump-log", "--records", file], capture_output=True, text=True, check=False
        )
        theirs = listed(file.read_bytes())
        if ours.stdout.splitlines() != theirs or ours.returncode != 0:
            print(f"DISAGREES {file}: {ours.stderr}")
            pairs = zip(theirs + ["(nothing)"], ours.stdout.splitlines() + ["(nothing)"])
            different = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
            print(f"    kafka-python: {different[0][:400]}\n    here:         {different[1][:400]}")
            wrong += 1
        files, count = files + 1, count + len(theirs)
    print(f"kafka-python reads what we read: {files} segments, {count} records")
    return wrong == 0 and count > 0


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb == "script":
        script(int(rest[0]), rest[1])
    elif verb == "write":
        write(int(rest[0]), rest[1])
    elif verb == "read":
        sys.exit(0 if read(rest[0], rest[1:]) else 1)
    else:
        sys.exit(__doc__)
