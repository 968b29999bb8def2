//! Prints what the disk side does on this machine: `cargo run --release -p ledger --example disk_figures -- FOLDER`.
//! The folder must be empty and on the disk that is to be measured. Nothing is asserted about time.

#![expect(clippy::print_stdout, reason = "printing is all this program is for")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::Position;
use ledger::disk::limits::SEGMENT_BYTES;
use ledger::disk::{Disk, RealDisk};
use ledger::id_index::{HashKey, IdIndex, IdRecord, PendingState};
use ledger::journal::{
    EntryBuffer, EntryCounts, EntryFields, EntryHash, EntryKind, Journal, JournalId, JournalOptions,
};
use ledger::snapshot::{SectionName, SnapshotFolder, SnapshotHeader};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// 8,190 transfers and their outcomes.
const LARGE_BODY: usize = 8_190 * (128 + 32);
const SMALL_BODY: usize = 3_000;
const READY_SEGMENTS: u64 = 8;
const IDS: u64 = 4_000_000;
const SEALED_PER_SEGMENT: u64 = 400_000;
const BATCH: usize = 8_190;
const ACCOUNTS: usize = 1_000_000;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("name an empty folder on the disk to measure")?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::open(folder)?);
    measure_journal(&disk)?;
    measure_snapshot(&disk)?;
    measure_ids(&disk)
}

fn timed<T>(what: impl FnOnce() -> Outcome<T>) -> Outcome<(T, Duration)> {
    #[expect(clippy::disallowed_methods, reason = "this program measures time and decides nothing by it")]
    let start = Instant::now();
    let result = what()?;
    Ok((result, start.elapsed()))
}

/// Units per second.
fn rate(units: u64, time: Duration) -> u128 {
    u128::from(units).saturating_mul(1_000_000_000).checked_div(time.as_nanos()).unwrap_or(0)
}

fn options() -> JournalOptions {
    JournalOptions {
        journal_id: JournalId(*b"journal measured"),
        segment_bytes: SEGMENT_BYTES,
        required_through: 0,
    }
}

fn measure_journal(disk: &Arc<dyn Disk>) -> Outcome<()> {
    let (mut journal, _) = Journal::open(Arc::clone(disk), options())?;
    let ((), zeros) = timed(|| {
        for _ in 0..READY_SEGMENTS {
            let prepared = journal.preparer().prepare()?;
            journal.adopt(prepared)?;
        }
        Ok(())
    })?;
    println!("segment written with zeros and flushed: {:?}", zeros / u32::try_from(READY_SEGMENTS)?);
    append_and_flush(&mut journal, "1.3 MB entries", LARGE_BODY, 300)?;
    append_and_flush(&mut journal, "4 KiB entries", SMALL_BODY, 2_000)?;
    drop(journal);
    let ((journal, report), time) = timed(|| Ok(Journal::open(Arc::clone(disk), options())?))?;
    println!(
        "recovery: {} entries, {} MB/s of entries, {time:?} in all",
        report.entries,
        rate(report.bytes, time) / 1_000_000
    );
    let mut cursor = journal.reader().cursor(1);
    let (bytes, time) = timed(|| {
        let mut bytes = 0_u64;
        while let Some(entry) = cursor.next_entry()? {
            bytes = bytes.saturating_add(u64::try_from(entry.body.len())?);
        }
        Ok(bytes)
    })?;
    println!("reading forward: {} MB/s", rate(bytes, time) / 1_000_000);
    let mut reader = journal.reader();
    let mut part = [0; 128];
    let ((), time) = timed(|| {
        (1..=300)
            .try_for_each(|sequence| Ok(reader.read_body_part(sequence, 128_000, &mut part).map(|_| ())?))
    })?;
    println!("one record by its position: {:?}", time / 300);
    Ok(())
}

fn append_and_flush(journal: &mut Journal, what: &str, body: usize, count: u64) -> Outcome<()> {
    let body = vec![7; body];
    let mut entry = EntryBuffer::new();
    let (mut appends, mut flushes) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let sequence = journal.last_sequence().saturating_add(1);
        let counts = EntryCounts::default();
        let (kind, state_root) = (EntryKind::Batch, [0; 32]);
        let fields = EntryFields { kind, sequence, timestamp: 1, counts, state_root, state_root_sequence: 0 };
        let (_, time) = timed(|| {
            entry.push(&body);
            Ok(journal.append(fields, &mut entry)?)
        })?;
        appends.push(time);
        flushes.push(timed(|| Ok(journal.flush()?))?.1);
    }
    let total = appends.iter().chain(&flushes).sum::<Duration>();
    println!("{what}: {} a second", rate(count, total));
    print_spread("  append", &mut appends);
    print_spread("  flush", &mut flushes);
    Ok(())
}

fn print_spread(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |per_mille: usize| {
        times.get(times.len().saturating_mul(per_mille) / 1_000).copied().unwrap_or_default()
    };
    println!("{what}: p50 {:?}, p99 {:?}, p999 {:?}", at(500), at(990), at(999));
}

fn measure_snapshot(disk: &Arc<dyn Disk>) -> Outcome<()> {
    let folder = SnapshotFolder::open(Arc::clone(disk))?;
    let header =
        SnapshotHeader { sequence: 1, timestamp: 1, chain_hash: EntryHash::default(), state_root: [0; 32] };
    let name = SectionName::new("accounts")?;
    let ((), written) = timed(|| {
        let mut writer = folder.create(header.sequence)?;
        writer.begin_section(name)?;
        let shard = vec![5; 128 * 250];
        for _ in 0..ACCOUNTS / 250 {
            writer.write(&shard)?;
        }
        Ok(writer.finish(&header)?)
    })?;
    let ((), loaded) = timed(|| {
        let newest = folder.newest()?.ok_or("the snapshot is gone")?;
        let mut section = newest.snapshot.section(name)?;
        let mut account = [0; 128];
        for _ in 0..ACCOUNTS {
            section.read_exact(&mut account)?;
        }
        Ok(section.finish()?)
    })?;
    println!(
        "snapshot of {ACCOUNTS} accounts: written and flushed in {written:?}, checked and loaded in {loaded:?}"
    );
    Ok(())
}

/// An id that follows from its index: version 7 with time rising by index, or version 8.
fn id(index: u64, version: u128) -> u128 {
    let spread = u128::from(index).wrapping_add(1).wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645);
    let spread = if version == 7 { (spread >> 48) | (u128::from(index / 1_000) << 80) } else { spread };
    spread & !(0xf << 76) | version << 76
}

fn measure_ids(disk: &Arc<dyn Disk>) -> Outcome<()> {
    let (mut index, mut sealer) = IdIndex::open(Arc::clone(disk), HashKey::new(*b"key for figures."))?;
    let position = Position::new(1, 1).ok_or("position")?;
    let record = |id: u128| IdRecord { id, position, state: PendingState::NotPending };
    let ((), time) =
        timed(|| (0..IDS).try_for_each(|at| Ok(index.recent_mut().insert(record(id(at, 8)))?)))?;
    println!("recent ids: {} inserted a second, growth included", rate(IDS, time));
    let bytes = u64::try_from(index.recent().memory_bytes())?;
    println!("recent ids: {}.{:02} bytes each", bytes / IDS, bytes % IDS * 100 / IDS);
    lookup("recent, known", &index, 0, 8)?;
    lookup("recent, new", &index, IDS, 8)?;
    for version in [7, 8] {
        for segment in 0..10 {
            let through = sealer.sealed_through().saturating_add(1);
            let range = segment * SEALED_PER_SEGMENT..(segment + 1) * SEALED_PER_SEGMENT;
            let ids: Vec<IdRecord> = range.map(|at| record(id(at, version))).collect();
            let (_, time) = timed(|| Ok(sealer.seal(through, ids, Vec::new())?))?;
            let (_, merging) = timed(|| {
                while sealer.merge_next()? {}
                Ok(())
            })?;
            if segment >= 7 {
                println!(
                    "sealing {SEALED_PER_SEGMENT} ids of version {version}: {time:?}, merging {merging:?}"
                );
            }
        }
        let sealed = SEALED_PER_SEGMENT * if version == 7 { 10 } else { 20 };
        let (disk_bytes, memory) = (index.sealed().disk_bytes(), index.sealed().memory_bytes());
        println!(
            "sealed ids: {}.{:02} bytes each on disk, {} bits in memory, runs {:?}",
            disk_bytes / sealed,
            disk_bytes % sealed * 100 / sealed,
            memory * 8 / sealed,
            index.sealed().run_counts()
        );
        lookup_sealed("sealed, known", &index, 0, version)?;
        lookup_sealed("sealed, new", &index, IDS, version)?;
    }
    Ok(())
}

fn lookup(what: &str, index: &IdIndex, from: u64, version: u128) -> Outcome<()> {
    measure_lookup(what, from, version, |ids| {
        let answer = index.get_many(ids)?;
        Ok((answer.records, answer.pages_read))
    })
}

fn lookup_sealed(what: &str, index: &IdIndex, from: u64, version: u128) -> Outcome<()> {
    measure_lookup(what, from, version, |ids| {
        let answer = index.sealed().get_many(ids)?;
        Ok((answer.records, answer.pages_read))
    })
}

fn measure_lookup(
    what: &str,
    from: u64,
    version: u128,
    get_many: impl Fn(&[u128]) -> Outcome<(Vec<Option<IdRecord>>, u64)>,
) -> Outcome<()> {
    let batches = 40_u64;
    let size = u64::try_from(BATCH)?;
    let (mut time, mut found, mut pages) = (Duration::ZERO, 0, 0);
    for batch in 0..batches {
        // A stride spreads the batch over all ids.
        let ids: Vec<u128> =
            (0..size).map(|at| id(from + (at * batches + batch) * 7 % IDS, version)).collect();
        let ((records, read), spent) = timed(|| get_many(&ids))?;
        time += spent;
        found += records.iter().flatten().count();
        pages += read;
    }
    println!(
        "{what}: {} lookups a second in batches of {BATCH}, {found} found, {pages} pages",
        rate(batches * size, time)
    );
    Ok(())
}
