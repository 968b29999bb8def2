//! Prints how fast a directory is verified that a running ledger has just made.
//!
//! `cargo run --release -p ledger --example verify_figures [folder] [transfers] [accounts] [model]`. The folder must be
//! empty or not there; about 180 bytes a transfer are written to it. One in eight transfers is pending and is posted in
//! the batch behind.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "it measures time and decides nothing by it")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::disk::{Disk, ReadOnlyDisk, RealDisk};
use ledger::handle::{Handle, LedgerError};
use ledger::limits::{AMOUNT_WHOLE, ENTRY_ADMINISTRATIVE_MAX};
use ledger::service::{Environment, Running, ServiceClock, ServiceSettings};
use ledger::verify::{VerifySettings, VerifyStage, verify};
use ledger::{AccountFlags, AccountId, Asset, Request, Transfer, TransferFlags, TransferId, id};

const BATCH: u64 = 8_190;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder")?;
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse::<u64>());
    let (transfers, accounts, model) = (number(2_000_000)?, number(100_000)?, number(0)?);
    std::fs::create_dir_all(&folder)?;
    let begun = Instant::now();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::open(&folder)?);
        let environment = Environment { disk, clock: ServiceClock::new(now), secret: [5; 48], seed: [6; 32] };
        let ledger = Running::start(ServiceSettings::for_threads(2), environment)?;
        fill(&ledger.handle(), transfers, accounts).await?;
        ledger.stop().map(drop).map_err(Box::<dyn Error>::from)
    })?;
    println!("made in {} ms", begun.elapsed().as_millis());
    let settings = VerifySettings { with_model: model == 1, ..VerifySettings::default() };
    let begun = Instant::now();
    let mut stage = VerifyStage::Opening;
    let report = verify(ReadOnlyDisk::open(&folder)?, &settings, &mut |progress| {
        if progress.stage != stage {
            println!(
                "{:>8} ms  {:?} at entry {}",
                begun.elapsed().as_millis(),
                progress.stage,
                progress.sequence
            );
            stage = progress.stage;
        }
    })?;
    let micros = u64::try_from(begun.elapsed().as_micros())?;
    println!("verified in {} ms, {} transfers/s", micros / 1_000, report.transfers_per_second(micros));
    println!("{report:#?}");
    Ok(())
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

fn account(number: u64) -> AccountId {
    AccountId(id::derived("verify figures: accounts", &[&number.to_le_bytes()]))
}

fn transfer_id(number: u64) -> TransferId {
    TransferId(id::timed(now() / 1_000, u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// A sequence of numbers without a pattern.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ *state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ mixed >> 27
}

async fn fill(handle: &Handle, transfers: u64, accounts: u64) -> Result<(), LedgerError> {
    let numbers: Vec<u64> = (0..accounts).collect();
    for stretch in numbers.chunks(ENTRY_ADMINISTRATIVE_MAX) {
        let create = |number: &u64| {
            let flags = if *number == 0 {
                AccountFlags::SYSTEM
            } else {
                AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS
            };
            let create = CreateAccount {
                id: account(*number),
                reference: [0; 16],
                asset: Asset::USDB,
                code: 1,
                flags,
            };
            Request::Administrative(AdministrativeRequest::CreateAccount(create))
        };
        handle.submit(stretch.iter().map(create).collect()).await?;
    }
    let funds: Vec<Transfer> = (1..accounts).map(|number| payment(number, (0, number), 1_000_000)).collect();
    for stretch in funds.chunks(usize::try_from(BATCH).unwrap_or(1)) {
        handle.submit_transfers(stretch.to_vec()).await?;
    }
    let (mut random, mut reserved) = (1, Vec::new());
    for batch in 0..transfers.div_ceil(BATCH) {
        let first = accounts.saturating_add(batch.saturating_mul(BATCH));
        let ends = std::mem::take(&mut reserved);
        let mut list: Vec<Transfer> = Vec::new();
        for number in first..first.saturating_add(BATCH) {
            let ended = usize::try_from(number.wrapping_sub(first)).ok().and_then(|place| ends.get(place));
            list.push(match ended {
                Some(pending_id) => post(number, *pending_id),
                None => moved(number, (&mut random, accounts), &mut reserved),
            });
        }
        handle.submit_transfers(list).await?;
    }
    Ok(())
}

fn moved(number: u64, (random, accounts): (&mut u64, u64), reserved: &mut Vec<TransferId>) -> Transfer {
    let from = next(random).checked_rem(accounts).unwrap_or(0);
    let to = from.wrapping_add(1 + next(random).checked_rem(accounts - 1).unwrap_or(0)).checked_rem(accounts);
    let transfer = payment(number, (from, to.unwrap_or(0)), 1 + next(random) % 100);
    if !next(random).is_multiple_of(8) {
        return transfer;
    }
    reserved.push(transfer.id);
    Transfer { flags: TransferFlags::PENDING, timeout_seconds: 3_600, ..transfer }
}

fn payment(number: u64, (from, to): (u64, u64), amount: u64) -> Transfer {
    Transfer {
        id: transfer_id(number),
        debit_account: account(from),
        credit_account: account(to),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    }
}

fn post(number: u64, pending_id: TransferId) -> Transfer {
    let (id, flags, amount) = (transfer_id(number), TransferFlags::POST, AMOUNT_WHOLE);
    Transfer { id, pending_id, amount, flags, ..Transfer::default() }
}
