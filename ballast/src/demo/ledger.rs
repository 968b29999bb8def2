//! The ledger's part of the story: a ledger in a process of its own, which is killed on the way.

use super::story::{Skip, Story};
use crate::clock;
use ledger::admin::{AdministrativeRequest, CreateAccount, CreateAllowance};
use ledger::allowance::{AllowanceTerms, Measure, Period, Stretch, Window, WindowFlags};
use ledger::handle::{Handle, LedgerError};
use ledger::limits::ENTRY_TRANSFERS_MAX;
use ledger::proof::{StateRoot, verify_account};
use ledger::remote::{Endpoint, Remote, RemoteSettings};
use ledger::{
    AccountFlags, AccountId, AllowanceId, Asset, Reply, Request, Transfer, TransferFlags, TransferId,
    TransferStatus, id,
};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a ledger may take until it answers.
const START: Duration = Duration::from_secs(20);

/// How long the answer to a batch is waited for whose ledger was killed. The handle would go on trying.
const DOUBT: Duration = Duration::from_millis(300);

/// One dollar in the ledger's unit.
const DOLLAR: u64 = 1_000_000;

/// Tells this part.
pub(super) async fn tell(story: &mut Story, data: &Path) {
    let mut ledger = LedgerProcess { data: data.join("ledger-process"), child: None };
    story.step("start a ledger in a process of its own", ledger.start()).await;
    let handle = match ledger.handle().await {
        Ok(handle) => handle,
        Err(why) => return story.step("reach the ledger over its socket", async { Err(why) }).await,
    };
    story.step("open accounts and give one an allowance", open(&handle)).await;
    story.step("pay 8,190 times in one batch", pay_batch(&handle)).await;
    story.step("hold 20.00, capture 12.50 of it", hold_and_capture(&handle)).await;
    story.step("ask for more than the allowance", exceed(&handle)).await;
    story.step("kill the process in the middle of its work", ledger.kill(&handle)).await;
    story.step("start it again: everything is still there", ledger.recover(&handle)).await;
    story.step("prove a balance against the state root", prove(&handle)).await;
    story.step("stop it cleanly", ledger.stop()).await;
}

/// The process, while it runs.
struct LedgerProcess {
    data: PathBuf,
    child: Option<Child>,
}

impl LedgerProcess {
    async fn start(&mut self) -> Result<String, Skip> {
        std::fs::create_dir_all(&self.data).map_err(Skip::failed)?;
        let program = std::env::current_exe().map_err(Skip::failed)?;
        let child = Command::new(program)
            .args(["serve", "--roles", "ledger", "--data-dir"])
            .arg(&self.data)
            .arg("--ledger-listen")
            .arg(format!("unix:{}", self.socket().display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(Skip::failed)?;
        let id = child.id().unwrap_or(0);
        self.child = Some(child);
        let handle = self.handle().await?;
        let status = handle.status().await.map_err(Skip::failed)?;
        Ok(format!("process {id}, at entry {}", status.sequence))
    }

    fn socket(&self) -> PathBuf {
        self.data.join("ledger.sock")
    }

    /// A handle over the socket, once the ledger behind it answers.
    async fn handle(&self) -> Result<Handle, Skip> {
        let settings = RemoteSettings::new(spread());
        let remote = Remote::new(Endpoint::Unix(self.socket()), settings).map_err(Skip::failed)?;
        let handle = Handle::new(Arc::new(remote));
        // The handle itself tries again until the socket is there.
        match tokio::time::timeout(START, handle.status()).await {
            Ok(Ok(_)) => Ok(handle),
            Ok(Err(error)) => Err(Skip::failed(error)),
            Err(_) => Err(Skip::failed("the ledger's process does not answer; run it by hand to see why")),
        }
    }

    /// Kills the process while a batch is on its way, so that nobody knows what became of it.
    async fn kill(&mut self, handle: &Handle) -> Result<String, Skip> {
        let child = self.child.as_mut().ok_or_else(|| Skip::failed("it does not run"))?;
        let batch = batch(2);
        let submitting = handle.submit_transfers(batch);
        let killing = child.kill();
        let (answer, killed) = tokio::join!(tokio::time::timeout(DOUBT, submitting), killing);
        killed.map_err(Skip::failed)?;
        let told = match answer {
            Ok(Ok(_)) => "it was acknowledged just before",
            Ok(Err(_)) | Err(_) => "nobody was told what became of it",
        };
        Ok(format!("kill -9 with 8,190 transfers on their way; {told}"))
    }

    async fn recover(&mut self, handle: &Handle) -> Result<String, Skip> {
        let started = (clock::SYSTEM.uptime)();
        self.start().await?;
        let took = (clock::SYSTEM.uptime)().saturating_sub(started);
        let first = handle.submit_transfers(batch(1)).await.map_err(Skip::failed)?;
        if first.iter().any(|reply| reply.status != TransferStatus::Exists) {
            return Err(Skip::failed("a payment that was acknowledged is not there any more"));
        }
        let doubt = handle.submit_transfers(batch(2)).await.map_err(Skip::failed)?;
        let known = doubt.iter().filter(|reply| reply.status == TransferStatus::Exists).count();
        let shop = balance(handle, SHOP).await?;
        // Two batches, what was captured, and what the allowance let through.
        let expected = 2 * amount_of_batch() + 12_500_000 + 25 * DOLLAR;
        if shop != u128::from(expected) {
            return Err(Skip::failed(format!("the shop has {shop}, not {expected}")));
        }
        Ok(format!(
            "after {} ms: the first batch exists, of the one in doubt {known} did and the rest were paid now, none twice",
            took.as_millis()
        ))
    }

    async fn stop(&mut self) -> Result<String, Skip> {
        let Some(mut child) = self.child.take() else { return Err(Skip::failed("it does not run")) };
        crate::process::terminate(child.id()).map_err(Skip::failed)?;
        let status = child.wait().await.map_err(Skip::failed)?;
        if status.success() { Ok("it wrote its closing entry".to_owned()) } else { Err(Skip::failed(status)) }
    }
}

const BANK: u8 = 0;
const ALICE: u8 = 1;
const SHOP: u8 = 2;

fn account(number: u8) -> AccountId {
    AccountId(id::derived("ballast demo: accounts", &[&[number]]))
}

fn allowance() -> AllowanceId {
    AllowanceId(id::derived("ballast demo: allowance", &[]))
}

fn transfer(name: &str, number: usize, amount: u64) -> Transfer {
    Transfer {
        id: TransferId(id::derived("ballast demo: transfers", &[name.as_bytes(), &number.to_le_bytes()])),
        debit_account: account(ALICE),
        credit_account: account(SHOP),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    }
}

/// A full entry of payments of a cent each.
fn batch(number: u8) -> Vec<Transfer> {
    let name = format!("batch {number}");
    (0..ENTRY_TRANSFERS_MAX).map(|index| transfer(&name, index, DOLLAR / 100)).collect()
}

fn amount_of_batch() -> u64 {
    u64::try_from(ENTRY_TRANSFERS_MAX).unwrap_or(0).saturating_mul(DOLLAR / 100)
}

async fn balance(handle: &Handle, number: u8) -> Result<u128, Skip> {
    let found = handle.account(account(number)).await.map_err(Skip::failed)?;
    let found = found.ok_or_else(|| Skip::failed("the account is not there"))?;
    Ok(found.credits_posted.saturating_sub(found.debits_posted))
}

async fn open(handle: &Handle) -> Result<String, Skip> {
    let create = |number, flags| {
        let request =
            CreateAccount { id: account(number), reference: [0; 16], asset: Asset::USDB, code: 1, flags };
        Request::Administrative(AdministrativeRequest::CreateAccount(request))
    };
    let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
    let daily = Window {
        stretch: Stretch::Fixed(Period::Day),
        measure: Measure::Amount,
        cap: 50 * DOLLAR,
        flags: WindowFlags::AMOUNT_DEFAULT,
    };
    let terms = AllowanceTerms {
        id: allowance(),
        account: account(ALICE),
        parent: AllowanceId::NONE,
        asset: Asset::USDB,
        starts_at: 0,
        ends_at: u64::MAX,
        payment_max: 30 * DOLLAR,
        utc_offset_seconds: 0,
        windows: vec![daily],
    };
    let fund = Transfer {
        debit_account: account(BANK),
        credit_account: account(ALICE),
        ..transfer("fund", 0, 1_000 * DOLLAR)
    };
    let requests = vec![
        create(BANK, AccountFlags::SYSTEM),
        create(ALICE, limited),
        create(SHOP, limited),
        Request::Administrative(AdministrativeRequest::CreateAllowance(CreateAllowance { terms })),
        Request::Transfers(vec![fund]),
    ];
    for reply in handle.submit(requests).await.map_err(Skip::failed)? {
        let accepted = match &reply {
            Reply::Administrative(status) => status.is_accepted(),
            Reply::Transfers(replies) => replies.iter().all(|one| one.status.is_accepted()),
        };
        if !accepted {
            return Err(Skip::failed(format!("{reply:?}")));
        }
    }
    Ok("a bank, Alice with 1,000.00 and an allowance of 50.00 a day, a shop".to_owned())
}

async fn pay_batch(handle: &Handle) -> Result<String, Skip> {
    let started = (clock::SYSTEM.uptime)();
    let replies = handle.submit_transfers(batch(1)).await.map_err(Skip::failed)?;
    let took = (clock::SYSTEM.uptime)().saturating_sub(started);
    match replies.iter().find(|reply| !reply.status.is_accepted()) {
        Some(refused) => Err(Skip::failed(refused.status.word())),
        None => Ok(format!("all accepted and durable after {} us", took.as_micros())),
    }
}

async fn hold_and_capture(handle: &Handle) -> Result<String, Skip> {
    let hold = Transfer {
        allowance_id: allowance(),
        timeout_seconds: 600,
        flags: TransferFlags::PENDING,
        ..transfer("hold", 0, 20 * DOLLAR)
    };
    let capture = Transfer {
        id: transfer("capture", 0, 1).id,
        pending_id: hold.id,
        amount: 12_500_000,
        flags: TransferFlags::POST,
        ..Transfer::default()
    };
    let replies = handle.submit_transfers(vec![hold, capture]).await.map_err(Skip::failed)?;
    if let Some(refused) = replies.iter().find(|reply| !reply.status.is_accepted()) {
        return Err(Skip::failed(refused.status.word()));
    }
    let used = used_today(handle).await?;
    Ok(format!("the rest is free again; {} of today's 50.00 are used", dollars(used)))
}

async fn used_today(handle: &Handle) -> Result<i128, Skip> {
    let found = handle.allowance(allowance()).await.map_err(Skip::failed)?;
    let used = found.as_ref().and_then(|found| found.uses.first()).map(|one| one.used);
    used.ok_or_else(|| Skip::failed("the allowance is not there"))
}

async fn exceed(handle: &Handle) -> Result<String, Skip> {
    let payment =
        |number, amount| Transfer { allowance_id: allowance(), ..transfer("agent", number, amount) };
    let fits = payment(0, 25 * DOLLAR);
    let too_much = payment(1, 25 * DOLLAR);
    let replies = handle.submit_transfers(vec![fits, too_much]).await.map_err(Skip::failed)?;
    let [first, second] = replies.as_slice() else { return Err(Skip::failed("two replies were expected")) };
    match (first.status, second.status, second.bound) {
        (TransferStatus::Accepted, TransferStatus::AllowanceAmountExceeded, Some(bound)) => Ok(format!(
            "{}: {} would be used today, {} may be",
            second.status.word(),
            dollars(bound.observed),
            dollars(bound.limit)
        )),
        _ => Err(Skip::failed(format!("{} and {}", first.status.word(), second.status.word()))),
    }
}

async fn prove(handle: &Handle) -> Result<String, Skip> {
    let proved = match handle.prove(account(SHOP)).await {
        Ok(Some(proved)) => proved,
        Ok(None) => return Err(Skip::failed("the account is not there")),
        Err(LedgerError::Busy { retry_after_ms }) => {
            return Err(Skip::failed(format!("busy for {retry_after_ms} ms")));
        }
        Err(error) => return Err(Skip::failed(error)),
    };
    let root = StateRoot(proved.carried_by.fields.state_root);
    let verified = verify_account(&proved.proof, root).map_err(Skip::failed)?;
    let leaf = verified.leaf();
    let balance = i128::try_from(leaf.credits_posted.saturating_sub(leaf.debits_posted)).unwrap_or(0);
    Ok(format!(
        "{} under root {root}, carried by entry {}",
        dollars(balance),
        proved.carried_by.fields.sequence
    ))
}

/// An amount for a person to read; whole cents are enough here.
fn dollars(amount: i128) -> String {
    let cents = amount.checked_div(10_000).unwrap_or(0);
    format!("{}.{:02}", cents.checked_div(100).unwrap_or(0), cents.checked_rem(100).unwrap_or(0))
}

/// What sets the pauses of this process's connections apart from those of others.
fn spread() -> u64 {
    u64::from(std::process::id())
}
