//! The codes of problem documents: one enum, the contract between the service and its callers.
//!
//! A code is snake_case, at most four words, never renamed and never reused. Each has one HTTP status, one
//! fixed title, one answer to "may I try again", and one sentence on what to do; the page
//! `/docs/errors/{code}` shows exactly these.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the same request may succeed later without anyone changing it, and under which idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Yes, with the idempotency key of the first attempt.
    SameKey,
    /// Yes, as a new attempt with a key of its own.
    NewKey,
}

/// Declares every code once: variant, word, status, title, retry, advice.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $status:literal, $title:literal, $retry:expr, $advice:literal;)+) => {
        /// What went wrong, as a program reads it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)+
        }

        impl ErrorCode {
            /// Every code, in the order of their statuses.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The HTTP status this code is always sent with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// The title, the same in every problem with this code.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// Whether the same request may succeed later; `None` means it cannot.
            #[must_use]
            pub const fn retry(self) -> Option<Retry> {
                match self { $(Self::$variant => $retry,)+ }
            }

            /// What to do about it, in one sentence.
            #[must_use]
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)+ }
            }
        }
    };
}

error_codes! {
    /// The body is not one well-formed JSON document within the limits.
    MalformedJson = "malformed_json", 400, "The body is not well-formed JSON", None,
        "Send exactly one JSON document in UTF-8, nested at most 32 levels deep.";
    /// A member or query parameter that the operation does not know, or one given twice.
    UnknownField = "unknown_field", 400, "A member or parameter is not known here", None,
        "Remove the member that pointer names; the OpenAPI document lists the ones this operation knows.";
    /// A member or query parameter is missing.
    MissingField = "missing_field", 400, "A required member or parameter is missing", None,
        "Add the member that detail names.";
    /// A member or query parameter has the wrong type or an impossible value.
    InvalidField = "invalid_field", 400, "A member or parameter has a value that cannot be", None,
        "Correct the member that pointer names; the OpenAPI document gives its form.";
    /// The request names no host, several, or an impossible one.
    InvalidHost = "invalid_host", 400, "The request does not name one host", None,
        "Send exactly one Host field with a host and perhaps a port.";
    /// An amount that is not a decimal number in the one form.
    InvalidAmount = "invalid_amount", 400, "An amount is not written as amounts are", None,
        "Write whole units with at most six fraction digits, without sign, exponent, blank or leading zero.";
    /// The record before a signed batch is missing or not one.
    InvalidBatchHeader = "invalid_batch_header", 400, "The header record of the batch cannot be read", None,
        "Send the 128 bytes that the OpenAPI document describes: first in a binary body, in Ballast-Batch beside JSON.";
    /// The body of a binary batch is not a header and whole records.
    InvalidBatchLength = "invalid_batch_length", 400, "The body is not a header and whole records", None,
        "Send 128 bytes of header and 128 bytes for each transfer.";
    /// The count in the header is not that of the body, or out of bounds.
    InvalidBatchCount = "invalid_batch_count", 400, "The count is not the number of transfers in the batch", None,
        "Count what the body holds: 1 to 8190 transfers, or 1 to 1000 payments.";
    /// A batch that was signed too long ago.
    BatchTooOld = "batch_too_old", 401, "The batch was made too long ago", None,
        "Sign it again with the time now and the same ids: what was executed answers exists.";
    /// A batch with a time that has not come.
    BatchInFuture = "batch_in_future", 401, "The batch has a time that has not come", None,
        "Set the clock of the sender, then sign again with the same ids.";
    /// No such key is registered for the account.
    UnknownKey = "unknown_key", 401, "No such key is registered for this account", None,
        "Check account and key id in the header; the operator registers keys.";
    /// The signature of a batch does not hold.
    InvalidBatchSignature = "invalid_batch_signature", 401, "The signature does not hold for this batch", None,
        "Sign the digest of header and body for the network and instance that /version names.";
    /// The key was registered, and is revoked.
    KeyRevoked = "key_revoked", 403, "The key is revoked", None,
        "Sign with another key of the account.";
    /// A transfer in the batch is not the account's of the key.
    BatchAccountDiffers = "batch_account_differs", 403, "A transfer does not debit the account of the key", None,
        "Send only transfers that debit this account; a post or void names it as payer or payee. Nothing was executed.";
    /// No such route or object, or one that belongs to somebody else.
    NotFound = "not_found", 404, "There is nothing here, or it is not yours", None,
        "Check the path and the id; /docs lists every operation.";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method_not_allowed", 405, "The path does not take this method", None,
        "Use one of the methods in the Allow header.";
    /// The body is larger than the operation takes.
    BodyTooLarge = "body_too_large", 413, "The body is too large", None,
        "Send a smaller body; 64 KiB is the rule, and an operation that takes more says so.";
    /// The request target is longer than 4 KiB.
    UrlTooLong = "url_too_long", 414, "The URL is too long", None,
        "Keep path and query within 4,096 bytes.";
    /// The body is of a type the operation does not read.
    UnsupportedMediaType = "unsupported_media_type", 415, "The body has a type this operation does not read", None,
        "Send the Content-Type that the operation names, which is application/json unless it says otherwise.";
    /// More requests than the rate class allows.
    RateLimited = "rate_limited", 429, "Too many requests", Some(Retry::SameKey),
        "Wait for the seconds in Retry-After; RateLimit tells how much is left.";
    /// The ledger has as much waiting as it takes on.
    LedgerBusy = "ledger_busy", 429, "The ledger's queue is full", Some(Retry::SameKey),
        "Wait for the seconds in Retry-After, then send the same ids again. Nothing was executed.";
    /// The headers are larger or more than the service reads.
    HeadersTooLarge = "headers_too_large", 431, "The headers are too large or too many", None,
        "Keep all headers within 16 KiB and 64 fields.";
    /// A fault of the service.
    Internal = "internal", 500, "Something failed on our side", None,
        "Report the request id; the cause is in the service's log.";
    /// More requests in flight than the service takes on.
    Overloaded = "overloaded", 503, "The service is at its limit", Some(Retry::SameKey),
        "Wait for the seconds in Retry-After, then try again with the same key.";
    /// The service gave up after its time limit.
    TimedOut = "timed_out", 503, "The operation took too long", Some(Retry::SameKey),
        "Try again later; with an idempotency key, what was already done is answered and not repeated.";
    /// Not every check of `/readyz` holds.
    NotReady = "not_ready", 503, "The service is not ready", Some(Retry::SameKey),
        "See checks for what is missing.";
    /// Whether a key is registered cannot be looked up.
    KeysUnavailable = "keys_unavailable", 503, "Keys cannot be looked up now", Some(Retry::SameKey),
        "Wait for the seconds in Retry-After, then send the same ids again. Nothing was executed.";
    /// The ledger does not answer.
    LedgerUnavailable = "ledger_unavailable", 503, "The ledger does not answer now", Some(Retry::SameKey),
        "Wait, then send the same ids again: what was executed answers exists, nothing is executed twice.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The published table. A row may be added; none may change or go.
    const PINNED: &[(&str, u16, bool)] = &[
        ("malformed_json", 400, false),
        ("unknown_field", 400, false),
        ("missing_field", 400, false),
        ("invalid_field", 400, false),
        ("invalid_host", 400, false),
        ("invalid_amount", 400, false),
        ("invalid_batch_header", 400, false),
        ("invalid_batch_length", 400, false),
        ("invalid_batch_count", 400, false),
        ("batch_too_old", 401, false),
        ("batch_in_future", 401, false),
        ("unknown_key", 401, false),
        ("invalid_batch_signature", 401, false),
        ("key_revoked", 403, false),
        ("batch_account_differs", 403, false),
        ("not_found", 404, false),
        ("method_not_allowed", 405, false),
        ("body_too_large", 413, false),
        ("url_too_long", 414, false),
        ("unsupported_media_type", 415, false),
        ("rate_limited", 429, true),
        ("ledger_busy", 429, true),
        ("headers_too_large", 431, false),
        ("internal", 500, false),
        ("overloaded", 503, true),
        ("timed_out", 503, true),
        ("not_ready", 503, true),
        ("keys_unavailable", 503, true),
        ("ledger_unavailable", 503, true),
    ];

    #[test]
    fn the_published_table_is_pinned() {
        let now: Vec<_> = ErrorCode::ALL
            .iter()
            .map(|code| (code.as_str(), code.status(), code.retry().is_some()))
            .collect();
        assert_eq!(now, PINNED);
    }

    #[test]
    fn words_are_unique_snake_case_of_at_most_four_words() {
        let mut seen = HashSet::new();
        for code in ErrorCode::ALL {
            let word = code.as_str();
            assert!(seen.insert(word), "{word} is used twice");
            assert!(word.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{word} is not snake_case");
            assert!(word.split('_').count() <= 4, "{word} has more than four words");
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{word}\""));
        }
    }

    #[test]
    fn titles_and_advice_are_sentences_for_people() {
        for code in ErrorCode::ALL {
            assert!(!code.title().ends_with('.'), "{}: a title has no full stop", code.as_str());
            assert!(code.advice().ends_with('.'), "{}: advice is a sentence", code.as_str());
        }
    }
}
