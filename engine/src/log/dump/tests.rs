//! The dump's parts that no scenario reaches; that it is Kafka's is for `scripts/real-kafka` to say.

use super::*;
use crate::record::RecordBatchBuilder;

fn lines(path: &str, bytes: &[u8]) -> Vec<String> {
    let text = dump_file(path, &Bytes::copy_from_slice(bytes), Depth::Contents, java_text).unwrap();
    text.lines().map(str::to_string).collect()
}

fn batch() -> Bytes {
    let mut builder = RecordBatchBuilder::new(0);
    builder.append(5, Some(b"k"), Some(b"\xed\xa0\x80!"), &[]);
    builder.append(6, None, None, &[]);
    builder.build()
}

#[test]
fn java_decodes_a_surrogate_as_one() {
    let table: [(&[u8], &str); 8] = [
        (b"plain \xed\x95\x9c", "plain 한"),
        (b"\xed\xa0\x80", "\u{fffd}"),
        (b"\xed\xa0\x80\xed\xbf\xbf.", "\u{fffd}\u{fffd}."),
        (b"\xed\xa0", "\u{fffd}"),
        (b"\xed\xa0A", "\u{fffd}A"),
        (b"\xe2\x82", "\u{fffd}"),
        (b"\xf0\x90\x80A\xff", "\u{fffd}A\u{fffd}"),
        (b"\xc0\x80", "\u{fffd}\u{fffd}"),
    ];
    for (bytes, text) in table {
        assert_eq!(java_text(bytes), text, "{bytes:02x?}");
    }
}

#[test]
fn a_log_with_a_torn_end() {
    let mut bytes = batch().to_vec();
    let whole = bytes.len();
    bytes.extend_from_slice(&batch()[..30]);
    let lines = lines("orders-0/00000000000000000000.log", &bytes);
    assert_eq!(lines[..2], ["Dumping orders-0/00000000000000000000.log", "Log starting offset: 0"]);
    assert!(lines[2].contains(&format!("position: 0 CreateTime: 6 size: {whole} magic: 2")));
    assert!(lines[3].ends_with(
        "CreateTime: 5 keySize: 1 valueSize: 4 sequence: -1 headerKeys: [] key: k payload: \u{fffd}!"
    ));
    assert!(lines[4].ends_with("keySize: -1 valueSize: -1 sequence: -1 headerKeys: []"));
    assert_eq!(lines[5], "Found 30 invalid bytes at the end of 00000000000000000000.log");
    assert_eq!(lines.len(), 6);
    let listed = list_records(&bytes.into()).unwrap();
    assert_eq!(listed, "0 CreateTime=5 0x6b 0xeda08021\n1 CreateTime=6 null null\n");
}

#[test]
fn damage_has_its_place() {
    let mut bytes = batch().to_vec();
    bytes[16] = 7;
    assert_eq!(lines("0.log", &bytes)[2..], ["magic is 7, not 2 at byte 16"]);
    let mut bytes = [batch(), batch()].concat();
    let record = batch().len() + 61;
    bytes[record] = 0x7f;
    let dump = lines("0.log", &bytes);
    assert!(dump[5].ends_with("isvalid: false"));
    assert!(dump[6].ends_with(&format!("at byte {record}")), "{}", dump[6]);
    assert!(list_records(&bytes.into()).is_err());
}

#[test]
fn indexes_end_where_zeros_begin() {
    let mut offsets = [0, 0, 0, 2, 0, 0, 0, 138].to_vec();
    offsets.extend([0; 16]);
    assert_eq!(lines("a/7.index", &offsets), ["Dumping a/7.index", "offset: 9 position: 138"]);
    assert_eq!(lines("a/7.index", &[]), ["Dumping a/7.index", "a/7.index is empty."]);
    let mut times = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3].to_vec();
    times.extend([0; 12]);
    assert_eq!(lines("a/7.timeindex", &times)[1..], ["timestamp: 256 offset: 10"]);
    assert_eq!(
        dump_file("a/leader-epoch-checkpoint", &Bytes::new(), Depth::Contents, java_text),
        None
    );
    assert_eq!(dump_file("a/7.txt", &Bytes::new(), Depth::Contents, java_text), None);
}

#[test]
fn transactions_and_producers() {
    let numbers = [4i64, 10, 12, 13].map(i64::to_be_bytes).concat();
    assert_eq!(
        lines("7.txnindex", &[&[0, 0], &numbers[..]].concat())[1..],
        ["version: 0 producerId: 4 firstOffset: 10 lastOffset: 12 lastStableOffset: 13"]
    );

    let mut entry = [4i64.to_be_bytes().to_vec(), 2i16.to_be_bytes().to_vec()].concat();
    entry.extend(1i32.to_be_bytes());
    entry.extend(41i64.to_be_bytes());
    entry.extend(3i32.to_be_bytes());
    entry.extend(1000i64.to_be_bytes());
    entry.extend(0i32.to_be_bytes());
    entry.extend((-1i64).to_be_bytes());
    let body = [&1i32.to_be_bytes(), &entry[..]].concat();
    let mut snapshot = [&[0, 1], &crc32c::crc32c(&body).to_be_bytes()[..], &body].concat();
    assert_eq!(
        lines("7.snapshot", &snapshot)[1..],
        ["producerId: 4 producerEpoch: 2 coordinatorEpoch: 0 currentTxnFirstOffset: \
         OptionalLong.empty lastTimestamp: 1000 firstSequence: 2147483646 lastSequence: 1 \
         lastOffset: 41 offsetDelta: 3 timestamp: 1000"]
    );
    snapshot[20] ^= 1;
    assert!(lines("7.snapshot", &snapshot)[1].starts_with("Snapshot is corrupt"));
    assert!(lines("7.snapshot", &snapshot[..9])[1].ends_with("inside its header"));
    assert!(lines("7.snapshot", &snapshot[..30])[1].starts_with("The snapshot says 1 entries"));
}

#[test]
fn control_records_speak() {
    let dump = |key: &[u8], value: &[u8]| {
        let mut builder = RecordBatchBuilder::new(0).control();
        builder.append(1, Some(key), Some(value), &[]);
        let line = lines("0.log", &builder.build()).pop().unwrap();
        line.split_once("headerKeys: [] ").unwrap().1.to_string()
    };
    assert_eq!(
        dump(&[0, 0, 0, 1], &[0, 0, 0, 0, 0, 7]),
        "endTxnMarker: COMMIT coordinatorEpoch: 7"
    );
    assert_eq!(dump(&[0, 0, 0, 0], &[0, 0, 0, 0, 0, 7]), "endTxnMarker: ABORT coordinatorEpoch: 7");
    let mut value = vec![0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 2, 0, 0, 0, 1, 0, 0];
    assert_eq!(
        dump(&[0, 0, 0, 2], &value),
        r#"LeaderChange: {"version":0,"leaderId":1,"voters":[{"voterId":1},{"voterId":2}],"grantingVoters":[{"voterId":1}]}"#
    );
    value.truncate(20);
    assert_eq!(dump(&[0, 0, 0, 2], &value), "controlType: LeaderChange(2)");
    let voter = [&[0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 1][..], &[0; 16], &[0, 1, 0]].concat();
    assert_eq!(
        dump(&[0, 0, 0, 2], &voter),
        r#"LeaderChange: {"version":1,"leaderId":1,"voters":[{"voterId":1,"voterDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA"}],"grantingVoters":[]}"#
    );
}
