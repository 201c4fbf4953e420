//! Protocol-buffer variable-length integers: 7 bits a byte, least significant first, and zigzag for
//! signed ones. Source: `clients/.../common/utils/ByteUtils.java`. What is encoded is not known here.

use bytes::BufMut;

/// Bytes of the longest varint and varlong.
const VARINT_LEN_MAX: usize = 5;
const VARLONG_LEN_MAX: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarintError {
    /// The bytes end inside the number.
    Truncated,
    /// The number goes on after 5 (int) or 10 (long) bytes.
    TooLong,
}

/// Reads a zigzag int. Answers it and the number of bytes it took, 1 to 5.
pub fn read_varint(bytes: &[u8]) -> Result<(i32, usize), VarintError> {
    let (value, len) = read_unsigned_varint(bytes)?;
    Ok(((value >> 1) as i32 ^ -((value & 1) as i32), len))
}

/// Reads a zigzag long. Answers it and the number of bytes it took, 1 to 10.
pub fn read_varlong(bytes: &[u8]) -> Result<(i64, usize), VarintError> {
    let (value, len) = read_groups(bytes, VARLONG_LEN_MAX)?;
    Ok(((value >> 1) as i64 ^ -((value & 1) as i64), len))
}

/// Reads a plain int. As in Kafka, bits of the fifth byte that have no room are dropped.
pub fn read_unsigned_varint(bytes: &[u8]) -> Result<(u32, usize), VarintError> {
    let (value, len) = read_groups(bytes, VARINT_LEN_MAX)?;
    Ok((value as u32, len))
}

fn read_groups(bytes: &[u8], len_max: usize) -> Result<(u64, usize), VarintError> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().take(len_max).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, index + 1));
        }
    }
    Err(if bytes.len() < len_max { VarintError::Truncated } else { VarintError::TooLong })
}

pub fn write_varint(value: i32, out: &mut impl BufMut) {
    write_groups(u64::from(zigzag(value)), out);
}

pub fn write_varlong(value: i64, out: &mut impl BufMut) {
    write_groups(zigzag_long(value), out);
}

pub fn write_unsigned_varint(value: u32, out: &mut impl BufMut) {
    write_groups(u64::from(value), out);
}

fn write_groups(mut value: u64, out: &mut impl BufMut) {
    while value > 0x7f {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// How many bytes [`write_varint`] writes.
pub fn size_of_varint(value: i32) -> usize {
    groups(u64::from(zigzag(value)))
}

/// How many bytes [`write_varlong`] writes.
pub fn size_of_varlong(value: i64) -> usize {
    groups(zigzag_long(value))
}

fn groups(value: u64) -> usize {
    (64 - (value | 1).leading_zeros() as usize).div_ceil(7)
}

fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)) as u32
}

fn zigzag_long(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
    }

    /// `ByteUtilsTest`.
    #[test]
    fn varints() {
        let table = [
            (0, "00"),
            (-1, "01"),
            (1, "02"),
            (63, "7E"),
            (-64, "7F"),
            (64, "80 01"),
            (-65, "81 01"),
            (8191, "FE 7F"),
            (-8192, "FF 7F"),
            (8192, "80 80 01"),
            (-8193, "81 80 01"),
            (1_048_575, "FE FF 7F"),
            (1_048_576, "80 80 80 01"),
            (134_217_727, "FE FF FF 7F"),
            (134_217_728, "80 80 80 80 01"),
            (i32::MAX, "FE FF FF FF 0F"),
            (i32::MIN, "FF FF FF FF 0F"),
        ];
        for (value, text) in table {
            let (mut int, mut long) = (Vec::new(), Vec::new());
            write_varint(value, &mut int);
            write_varlong(i64::from(value), &mut long);
            assert_eq!((&int, &long), (&hex(text), &hex(text)), "{value}");
            assert_eq!(read_varint(&int), Ok((value, int.len())));
            assert_eq!(read_varlong(&int), Ok((i64::from(value), int.len())));
            assert_eq!(size_of_varint(value), int.len());
            assert_eq!(size_of_varlong(i64::from(value)), int.len());
        }
    }

    #[test]
    fn varlongs() {
        let table = [
            (17_179_869_183, "FE FF FF FF 7F"),
            (17_179_869_184, "80 80 80 80 80 01"),
            (i64::MAX, "FE FF FF FF FF FF FF FF FF 01"),
            (i64::MIN, "FF FF FF FF FF FF FF FF FF 01"),
        ];
        for (value, text) in table {
            let mut bytes = Vec::new();
            write_varlong(value, &mut bytes);
            assert_eq!(bytes, hex(text), "{value}");
            assert_eq!(read_varlong(&bytes), Ok((value, bytes.len())));
            assert_eq!(size_of_varlong(value), bytes.len());
        }
    }

    #[test]
    fn unsigned_varints() {
        let table =
            [(u32::MAX, "FF FF FF FF 0F"), (8192, "80 40"), (i32::MIN as u32, "80 80 80 80 08")];
        for (value, text) in table {
            let mut bytes = Vec::new();
            write_unsigned_varint(value, &mut bytes);
            assert_eq!(bytes, hex(text), "{value}");
            assert_eq!(read_unsigned_varint(&bytes), Ok((value, bytes.len())));
        }
    }

    #[test]
    fn refuses_what_is_too_long_or_cut() {
        assert_eq!(read_varint(&hex("FF FF FF FF FF 01")), Err(VarintError::TooLong));
        let eleven = hex("FF FF FF FF FF FF FF FF FF FF 01");
        assert_eq!(read_varlong(&eleven), Err(VarintError::TooLong));
        assert_eq!(read_varint(&hex("80 80")), Err(VarintError::Truncated));
        assert_eq!(read_varint(&[]), Err(VarintError::Truncated));
    }
}
