//! What a ledger gets before anything is measured: accounts, their money, allowances.

use ledger::admin::{AdministrativeRequest, CreateAccount, CreateAllowance};
use ledger::allowance::{AllowanceTerms, Measure, Stretch, Window, WindowFlags};
use ledger::handle::{Handle, LedgerError};
use ledger::limits::{ENTRY_ADMINISTRATIVE_MAX, ENTRY_TRANSFERS_MAX, TIMESTAMP_MAX};
use ledger::{AccountFlags, AccountId, AllowanceId, Asset, Reply, Request, Transfer, TransferId, id};

use super::workload::{WorkloadPlan, account_id, allowance_id, system_account};
use crate::Failure;

const FUNDS: &str = "ballast bench 2026 funds";

/// Larger than what any run pays.
const CAP: u64 = 1 << 62;

/// Makes everything that the plan's transfers need.
pub(crate) async fn open(handle: &Handle, plan: &WorkloadPlan) -> Result<(), Failure> {
    let system = [create_account(system_account(), AccountFlags::SYSTEM)];
    submit(handle, system.to_vec()).await?;
    let numbers: Vec<u64> = (0..plan.accounts).collect();
    for part in numbers.chunks(ENTRY_ADMINISTRATIVE_MAX) {
        let flags = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
        submit(handle, part.iter().map(|number| create_account(account_id(*number), flags)).collect())
            .await?;
    }
    for part in numbers.chunks(ENTRY_TRANSFERS_MAX) {
        let funds = part.iter().map(|number| fund(*number, plan.funds())).collect();
        submit(handle, vec![Request::Transfers(funds)]).await?;
    }
    let allowances: Vec<u64> = (0..plan.allowances()).collect();
    for part in allowances.chunks(ENTRY_ADMINISTRATIVE_MAX) {
        submit(handle, part.iter().map(|number| create_allowance(*number)).collect()).await?;
    }
    Ok(())
}

async fn submit(handle: &Handle, requests: Vec<Request>) -> Result<(), Failure> {
    for reply in handle.submit(requests).await.map_err(|error: LedgerError| Failure::run(error))? {
        let accepted = match &reply {
            Reply::Transfers(replies) => replies.iter().all(|reply| reply.status.is_accepted()),
            Reply::Administrative(status) => status.is_accepted(),
        };
        if !accepted {
            return Err(Failure::run("the ledger refused what the benchmark begins with; this is a defect"));
        }
    }
    Ok(())
}

const fn create_account(id: AccountId, flags: AccountFlags) -> Request {
    let create = CreateAccount { id, reference: [0; 16], asset: Asset::USDB, code: 1, flags };
    Request::Administrative(AdministrativeRequest::CreateAccount(create))
}

fn fund(number: u64, amount: u64) -> Transfer {
    Transfer {
        id: TransferId(id::derived(FUNDS, &[&number.to_le_bytes()])),
        debit_account: system_account(),
        credit_account: account_id(number),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    }
}

/// An allowance that every payment is counted against and none exceeds.
fn create_allowance(number: u64) -> Request {
    let day = ledger::allowance::Period::Day;
    let amounts = Window {
        stretch: Stretch::Fixed(day),
        measure: Measure::Amount,
        cap: CAP,
        flags: WindowFlags::AMOUNT_DEFAULT,
    };
    let counts = Window { measure: Measure::Count, flags: WindowFlags::COUNT_DEFAULT, ..amounts };
    let terms = AllowanceTerms {
        id: allowance_id(number),
        account: account_id(number),
        parent: AllowanceId::NONE,
        asset: Asset::USDB,
        starts_at: 0,
        ends_at: TIMESTAMP_MAX,
        payment_max: CAP,
        utc_offset_seconds: 0,
        windows: vec![amounts, counts],
    };
    Request::Administrative(AdministrativeRequest::CreateAllowance(CreateAllowance { terms }))
}
