//! What an entry executes: requests in their order.

use crate::admin::AdministrativeRequest;
use crate::transfer::Transfer;

/// One request. Those of an entry are executed one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Transfers of one sender. No chain reaches beyond them.
    Transfers(Vec<Transfer>),
    /// A change of what transfers are judged by.
    Administrative(AdministrativeRequest),
}
