//! Payments in JSON as transfers of the ledger, and its replies as JSON. Decides nothing: what cannot be written as a
//! transfer is refused with a pointer, everything else is for the ledger to judge, as in a binary batch.

use super::ApiError;
use api_types::{AssetWord, BatchPayment, ErrorCode, PaymentFlag, PaymentResult, UuidText};
use ledger::limits::{AMOUNT_MAX, AMOUNT_WHOLE};
use ledger::{AccountId, AllowanceId, Asset, Transfer, TransferFlags, TransferId, TransferReply};
use money::Usd;

/// The payments of a batch, each with its transfer.
#[derive(Debug, Clone)]
pub(super) struct PaymentTransfers(Vec<PaymentTransfer>);

/// One payment.
#[derive(Debug, Clone, Copy)]
pub(super) struct PaymentTransfer {
    id: UuidText,
    transfer: Transfer,
    /// What its amount is written in; nothing if it has none.
    unit: Option<Asset>,
}

impl PaymentTransfers {
    /// Reads every payment.
    pub(super) fn read(payments: Vec<BatchPayment>) -> Result<Self, ApiError> {
        let items = payments
            .iter()
            .enumerate()
            .map(|(index, payment)| PaymentTransfer::read(payment).map_err(|fault| fault.at_payment(index)));
        items.collect::<Result<_, _>>().map(Self)
    }

    /// The transfers, in their order.
    pub(super) fn transfers(&self) -> Vec<Transfer> {
        self.0.iter().map(|payment| payment.transfer).collect()
    }

    /// The payments, in their order.
    pub(super) fn items(&self) -> impl Iterator<Item = &PaymentTransfer> {
        self.0.iter()
    }

    /// Whether the asset of one depends on a pending payment.
    pub(super) fn has_posts(&self) -> bool {
        self.0.iter().any(|payment| payment.transfer.is(TransferFlags::POST))
    }

    /// A post says nothing of its asset to the ledger, so an amount written in another one than the account's, which
    /// is that of each of its pending payments, is refused here.
    pub(super) fn check_posts(&self, asset: Option<Asset>) -> Result<(), ApiError> {
        let differs = |payment: &PaymentTransfer| {
            payment.transfer.is(TransferFlags::POST)
                && asset.zip(payment.unit).is_some_and(|(asset, unit)| asset != unit)
        };
        match self.0.iter().position(differs) {
            None => Ok(()),
            Some(index) => {
                Err(Fault::new(ErrorCode::InvalidField, "asset", "The account counts in another asset.")
                    .at_payment(index))
            }
        }
    }
}

/// What is wrong with a payment, and with which member.
struct Fault {
    code: ErrorCode,
    member: &'static str,
    detail: String,
}

impl Fault {
    fn new(code: ErrorCode, member: &'static str, detail: impl Into<String>) -> Self {
        Self { code, member, detail: detail.into() }
    }

    fn at_payment(self, index: usize) -> ApiError {
        ApiError::new(self.code, self.detail).at(format!("/payments/{index}/{}", self.member))
    }
}

impl PaymentTransfer {
    fn read(payment: &BatchPayment) -> Result<Self, Fault> {
        let flags = flags(&payment.flags)?;
        let ends = flags.intersects(TransferFlags::ENDS);
        let money = money(payment, flags)?;
        let number = |id: Option<UuidText>| id.map_or(0, |id| id.0.as_u128());
        if !ends {
            let missing = |member, what: &str| Fault::new(ErrorCode::MissingField, member, what);
            payment.debit_account.ok_or_else(|| missing("debit_account", "A payment names its payer."))?;
            payment.credit_account.ok_or_else(|| missing("credit_account", "A payment names its payee."))?;
            payment.code.ok_or_else(|| missing("code", "A payment says what it is for."))?;
        }
        let transfer = Transfer {
            id: TransferId(payment.id.0.as_u128()),
            debit_account: AccountId(number(payment.debit_account)),
            credit_account: AccountId(number(payment.credit_account)),
            pending_id: TransferId(number(payment.pending_id)),
            allowance_id: AllowanceId(number(payment.allowance_id)),
            reference: reference(payment.reference.as_deref())?,
            amount: money.amount,
            timeout_seconds: payment.timeout_seconds.unwrap_or(0),
            asset: if ends { Asset::NONE } else { money.unit.unwrap_or(Asset::NONE) },
            code: payment.code.unwrap_or(0),
            flags,
            ..Transfer::default()
        };
        Ok(Self { id: payment.id, transfer, unit: money.unit })
    }
}

fn flags(words: &[PaymentFlag]) -> Result<TransferFlags, Fault> {
    words.iter().try_fold(TransferFlags::NONE, |flags, word| {
        let flag = match word {
            PaymentFlag::Linked => TransferFlags::LINKED,
            PaymentFlag::Pending => TransferFlags::PENDING,
            PaymentFlag::Post => TransferFlags::POST,
            PaymentFlag::Void => TransferFlags::VOID,
            PaymentFlag::RestoreAllowance => TransferFlags::RESTORE_ALLOWANCE,
        };
        if flags.contains(flag) {
            return Err(Fault::new(ErrorCode::InvalidField, "flags", "A word is there twice."));
        }
        Ok(flags.with(flag))
    })
}

/// An amount in minor units, and of what.
struct Money {
    amount: u64,
    unit: Option<Asset>,
}

fn money(payment: &BatchPayment, flags: TransferFlags) -> Result<Money, Fault> {
    match (&payment.amount, payment.amount_sats, payment.asset) {
        (Some(amount), None, Some(AssetWord::Usdb)) => {
            Ok(Money { amount: dollars(amount)?, unit: Some(Asset::USDB) })
        }
        (None, Some(amount), None | Some(AssetWord::Btc)) if amount <= AMOUNT_MAX => {
            Ok(Money { amount, unit: Some(Asset::BTC) })
        }
        (None, Some(_), None | Some(AssetWord::Btc)) => {
            Err(Fault::new(ErrorCode::InvalidField, "amount_sats", "No amount is that large."))
        }
        (None, None, None) if flags.contains(TransferFlags::POST) => {
            Ok(Money { amount: AMOUNT_WHOLE, unit: None })
        }
        (None, None, None) if flags.contains(TransferFlags::VOID) => Ok(Money { amount: 0, unit: None }),
        (None, None, _) => Err(Fault::new(ErrorCode::MissingField, "amount", "A payment has an amount.")),
        (Some(_), None, None) => {
            Err(Fault::new(ErrorCode::MissingField, "asset", "An amount stands beside its asset, USDb."))
        }
        (Some(_), Some(_), _) => Err(Fault::new(
            ErrorCode::InvalidField,
            "amount_sats",
            "Only one of amount and amount_sats is there.",
        )),
        (_, _, Some(_)) => Err(Fault::new(
            ErrorCode::InvalidField,
            "asset",
            "An amount is of USDb; bitcoin is written as amount_sats.",
        )),
    }
}

fn dollars(text: &str) -> Result<u64, Fault> {
    let invalid = |why: String| Fault::new(ErrorCode::InvalidAmount, "amount", why);
    let amount: Usd =
        text.parse().map_err(|error: money::ParseError| invalid(format!("The amount: {error}.")))?;
    amount.to_ledger_amount().map_err(|error| invalid(format!("The amount: {error}.")))
}

fn reference(text: Option<&str>) -> Result<[u8; 16], Fault> {
    let Some(text) = text else { return Ok([0; 16]) };
    let invalid = || {
        let detail = "A reference is 32 lower-case hexadecimal digits.";
        Fault::new(ErrorCode::InvalidField, "reference", detail)
    };
    let plain = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = plain.then(|| u128::from_str_radix(text, 16).ok()).flatten();
    number.map(u128::to_be_bytes).ok_or_else(invalid)
}

/// The reply to a payment. `asset` is that of the account, where it was asked for.
pub(super) fn result_of(
    payment: &PaymentTransfer,
    reply: &TransferReply,
    asset: Option<Asset>,
) -> Result<PaymentResult, ApiError> {
    let outcome = reply.recorded.map(|recorded| recorded.outcome);
    let place = reply.recorded.map(|recorded| recorded.position);
    let moved = outcome.filter(|outcome| outcome.amount > 0).map(|outcome| outcome.amount);
    let unit = moved.and(if payment.transfer.ends_pending() { asset } else { payment.unit });
    let amount = moved.filter(|_| unit == Some(Asset::USDB)).map(Usd::from_ledger_amount);
    Ok(PaymentResult {
        id: payment.id,
        status: reply.status.word().to_owned(),
        code: reply.status.code(),
        outcome: outcome.map(|outcome| outcome.status.word().to_owned()),
        outcome_code: outcome.map(|outcome| outcome.status.code()),
        sequence: place.map(|position| position.sequence()),
        position: place.map(|position| position.bits().to_string()),
        amount: amount.transpose().map_err(ApiError::internal)?.map(|amount| amount.to_string()),
        amount_sats: moved.filter(|_| unit == Some(Asset::BTC)),
        asset: unit.and_then(word),
    })
}

fn word(asset: Asset) -> Option<AssetWord> {
    [(Asset::USDB, AssetWord::Usdb), (Asset::BTC, AssetWord::Btc)]
        .into_iter()
        .find_map(|(known, word)| (known == asset).then_some(word))
}
