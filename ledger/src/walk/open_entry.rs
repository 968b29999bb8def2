//! An entry of the journal as a walk reads it: its header, and as much of its body as was asked for.
//!
//! A short entry is read whole, and its hash is checked. Of a longer one only stretches are read, and nothing vouches
//! for them but what is compared. Statement entries are met from the newest on, so a stretch ends with the record that
//! was asked for and begins well before it: the next one is mostly there.
//!
//! Memory: three stretches, and what stands behind the outcomes of at most one entry.

use super::walk_error::WalkError;
use crate::admin::AdministrativeRequest;
use crate::body::{BodyFault, BodyLayout, END_BYTES, decode_requests, split_ends};
use crate::disk::{to_u64, to_usize};
use crate::journal::{EntryHeader, JournalReader};

/// How much of a body is read at once, and up to which length an entry is read whole: hashing it takes about as long
/// as reading it in pieces.
const STRETCH_BYTES: u64 = 16 * 1024;

/// Which records of a body: each sort has a stretch of its own, since a walk needs them side by side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort {
    Expiry,
    Transfer,
    Outcome,
}

/// One entry, in parts.
#[derive(Debug)]
pub(super) struct OpenEntry {
    header: EntryHeader,
    layout: BodyLayout,
    /// The body of a short entry.
    whole: Option<Stretch>,
    expiries: Stretch,
    transfers: Stretch,
    outcomes: Stretch,
    /// Everything behind the outcomes, once it was read.
    tail: Option<Stretch>,
}

/// Bytes of a body, from `start` on.
#[derive(Debug, Default)]
struct Stretch {
    start: u64,
    bytes: Vec<u8>,
}

impl OpenEntry {
    /// Opens the entry with this sequence.
    pub(super) fn open(reader: &mut JournalReader, sequence: u64) -> Result<Self, WalkError> {
        let mut header = reader.read_header(sequence)?;
        let mut whole = None;
        if header.padded_length() <= STRETCH_BYTES {
            let entry = reader.read(sequence)?;
            header = entry.header;
            whole = Some(Stretch { start: 0, bytes: entry.body.to_vec() });
        }
        let layout = BodyLayout::of(header.fields.counts);
        let layout = layout.ok_or_else(|| WalkError::body(sequence, BodyFault::CountOutOfRange))?;
        let [expiries, transfers, outcomes] = Default::default();
        Ok(Self { header, layout, whole, expiries, transfers, outcomes, tail: None })
    }

    /// Opens the entry with this sequence in place of another one, unless it is the same.
    pub(super) fn turn_to<'a>(
        opened: &'a mut Option<Self>,
        reader: &mut JournalReader,
        sequence: u64,
    ) -> Result<&'a mut Self, WalkError> {
        let same = opened.take().filter(|entry| entry.sequence() == sequence);
        let entry = same.map_or_else(|| Self::open(reader, sequence), Ok)?;
        Ok(opened.insert(entry))
    }

    pub(super) const fn sequence(&self) -> u64 {
        self.header.fields.sequence
    }

    pub(super) const fn timestamp(&self) -> u64 {
        self.header.fields.timestamp
    }

    pub(super) const fn layout(&self) -> BodyLayout {
        self.layout
    }

    /// The record of this sort and length that begins at `start` of the body.
    pub(super) fn record<const LENGTH: usize>(
        &mut self,
        reader: &mut JournalReader,
        (sort, start): (Sort, u64),
    ) -> Result<[u8; LENGTH], WalkError> {
        let sequence = self.sequence();
        let too_short = || WalkError::body(sequence, BodyFault::LengthWrong);
        if let Some(whole) = &self.whole {
            return whole.get(start).ok_or_else(too_short);
        }
        let stretch = match sort {
            Sort::Expiry => &mut self.expiries,
            Sort::Transfer => &mut self.transfers,
            Sort::Outcome => &mut self.outcomes,
        };
        if let Some(record) = stretch.get(start) {
            return Ok(record);
        }
        let end = start.saturating_add(to_u64(LENGTH));
        *stretch = Stretch::read(reader, sequence, (end.saturating_sub(STRETCH_BYTES), end))?;
        stretch.get(start).ok_or_else(too_short)
    }

    /// The ends of pending transfers, in the order of the posts and voids.
    pub(super) fn ends(&mut self, reader: &mut JournalReader) -> Result<&[[u8; END_BYTES]], WalkError> {
        Ok(self.split_tail(reader)?.0)
    }

    /// The administrative requests.
    pub(super) fn requests(
        &mut self,
        reader: &mut JournalReader,
    ) -> Result<impl Iterator<Item = AdministrativeRequest> + use<>, WalkError> {
        let (sequence, count) = (self.sequence(), self.layout.counts().requests);
        let requests = decode_requests(self.split_tail(reader)?.1, count);
        let requests = requests.map_err(|fault| WalkError::body(sequence, fault))?;
        Ok(requests.into_iter().map(|(_, request)| request))
    }

    fn split_tail(&mut self, reader: &mut JournalReader) -> Result<(&[[u8; END_BYTES]], &[u8]), WalkError> {
        let (sequence, start) = (self.sequence(), self.layout.ends_count_at());
        let fault = |fault| WalkError::body(sequence, fault);
        let bytes = match &self.whole {
            Some(whole) => whole.bytes.get(to_usize(start)..).ok_or_else(|| fault(BodyFault::LengthWrong))?,
            None => {
                let end = u64::from(self.header.body_length);
                let read = self.tail.take();
                let tail = read.map_or_else(|| Stretch::read(reader, sequence, (start, end)), Ok)?;
                &self.tail.insert(tail).bytes
            }
        };
        split_ends(bytes, self.layout.counts().transfers).map_err(fault)
    }
}

impl Stretch {
    /// Reads this range of an entry's body; the bounds of an entry bound it.
    fn read(reader: &mut JournalReader, sequence: u64, (start, end): (u64, u64)) -> Result<Self, WalkError> {
        let mut bytes = vec![0; to_usize(end.saturating_sub(start))];
        reader.read_body_part(sequence, start, &mut bytes)?;
        Ok(Self { start, bytes })
    }

    fn get<const LENGTH: usize>(&self, start: u64) -> Option<[u8; LENGTH]> {
        let from = to_usize(start.checked_sub(self.start)?);
        self.bytes.get(from..)?.first_chunk().copied()
    }
}
