//! The sealed part of the id index: after its last entry was executed, the runs on disk hold exactly the ids used up
//! so far, each with its position and its end, and each is found the way a lookup finds it.

use super::difference::{At, DifferenceKind, place};
use super::used_ids::UsedIds;
use super::verify_error::{VerifyError, of_ids};
use crate::PendingState;
use crate::disk::to_u64;
use crate::id_index::{IdFilter, IdRecord, Run, RunFamily, RunReader, RunStream, SealedIndex};

/// A run on its way from the first id to the last.
struct Passed<'a> {
    run: &'a Run,
    stream: RunStream<'a>,
    lookup: RunReader<'a>,
    filter: IdFilter,
    count: u64,
}

/// Compares all runs with the ids used up through the entry they are sealed to, and says how many there are.
pub(super) fn compare_sealed(sealed: &SealedIndex, used: &UsedIds, through: u64) -> Result<u64, VerifyError> {
    let at = At::entry(through, DifferenceKind::IdIndex);
    let late_ends = late_ends(sealed, used)?;
    let (mut count, mut late) = (0_u64, 0_u64);
    for family in [RunFamily::Timed, RunFamily::Spread] {
        for_each_record(sealed, family, |record| {
            count = count.saturating_add(1);
            let known = used.get(record.id).ok_or_else(|| unknown(at, record))?;
            // What is sealed as open may have ended since; then the end is sealed beside it.
            let ended_late = record.state == PendingState::Open
                && known.state != PendingState::Open
                && late_ends.binary_search(&record.id).is_ok();
            late = late.saturating_add(u64::from(ended_late));
            let state = if ended_late { known.state } else { record.state };
            same(known, IdRecord { state, ..record })
        })?;
    }
    if count != to_u64(used.len()) {
        return Err(at.differs(format_args!("{} ids sealed through here", used.len()), count));
    }
    if late != to_u64(late_ends.len()) {
        let expected = format!("{late} ends of pending transfers that were sealed as open");
        return Err(at.differs(expected, late_ends.len()));
    }
    Ok(count)
}

/// The ids whose ends were sealed after them, in order, each compared.
fn late_ends(sealed: &SealedIndex, used: &UsedIds) -> Result<Vec<u128>, VerifyError> {
    let at = At::directory(DifferenceKind::IdIndex);
    let mut ids = Vec::new();
    for_each_record(sealed, RunFamily::LateEnd, |record| {
        ids.push(record.id);
        same(used.get(record.id).ok_or_else(|| unknown(at, record))?, record)
    })?;
    Ok(ids)
}

fn same(known: IdRecord, sealed: IdRecord) -> Result<(), VerifyError> {
    if known == sealed {
        return Ok(());
    }
    let at = At::position(known.position, DifferenceKind::IdIndex);
    let words =
        |record: IdRecord| format!("{:032x} at {}, {:?}", record.id, place(record.position), record.state);
    Err(at.differs(words(known), words(sealed)))
}

fn unknown(at: At, sealed: IdRecord) -> VerifyError {
    at.differs("only ids that were used up", format_args!("{:032x}", sealed.id))
}

/// Shows the records of all runs of a family in the order of their ids. Each is in one run, and a lookup in that run
/// finds it.
fn for_each_record(
    sealed: &SealedIndex,
    family: RunFamily,
    mut see: impl FnMut(IdRecord) -> Result<(), VerifyError>,
) -> Result<(), VerifyError> {
    let runs = sealed.runs();
    let of_family = runs.iter().filter(|run| run.family() == family);
    let mut passed = of_family.map(|run| Passed::open(run)).collect::<Result<Vec<_>, _>>()?;
    let mut before = None;
    while let Some(next) = lowest(&mut passed) {
        let record = next.take()?;
        if before >= Some(record.id) {
            return Err(next.differs("ids in order, each in one run", record.id));
        }
        before = Some(record.id);
        see(record)?;
    }
    match passed.iter().find(|one| one.count != one.run.count()) {
        Some(one) => Err(one.differs(&format!("{} ids", one.run.count()), u128::from(one.count))),
        None => Ok(()),
    }
}

/// The run whose next id is the lowest; none when all are read.
fn lowest<'a, 'b>(passed: &'b mut [Passed<'a>]) -> Option<&'b mut Passed<'a>> {
    let unread = passed.iter_mut().filter(|one| one.stream.head.is_some());
    unread.min_by_key(|one| one.stream.head.map(|head| head.id))
}

impl<'a> Passed<'a> {
    fn open(run: &'a Run) -> Result<Self, VerifyError> {
        let stream = RunStream::open(run).map_err(of_ids)?;
        let filter = run.load_filter().map_err(of_ids)?;
        Ok(Self { run, stream, lookup: RunReader::new(run), filter, count: 0 })
    }

    /// The record at the head, which a lookup has to find, too.
    fn take(&mut self) -> Result<IdRecord, VerifyError> {
        let Some(record) = self.stream.take().map_err(of_ids)? else {
            return Err(self.differs("another record", 0));
        };
        self.count = self.count.saturating_add(1);
        let may_be_there = self.run.spans(record.id) && self.filter.may_contain(record.id);
        let found = self.lookup.find(record.id).map_err(of_ids)?;
        if may_be_there && found == Some(record) {
            return Ok(record);
        }
        Err(self.differs("an id that a lookup finds", record.id))
    }

    fn differs(&self, expected: &str, found: u128) -> VerifyError {
        let at = At::directory(DifferenceKind::IdIndex);
        let number = self.run.number();
        at.differs(format_args!("{expected} in run {number}"), format_args!("{found:032x}"))
    }
}
