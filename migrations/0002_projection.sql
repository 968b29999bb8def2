-- The projection of the ledger: every row here can be deleted and written again from the journal.
-- Amounts are minor units, times microseconds UTC. A position is the sequence of an entry times 2^20, plus the index in
-- it. Totals are 128-bit integers, big-endian, so they sort as bytes.

-- How far it has got: the newest entry whose rows are here. Sequence zero, with a hash of zeros, is the beginning.
CREATE TABLE projection (
    name TEXT NOT NULL PRIMARY KEY CHECK (name IN ('ledger')),
    sequence BIGINT NOT NULL CHECK (sequence >= 0),
    timestamp BIGINT NOT NULL CHECK (timestamp >= 0),
    entry_hash BYTEA NOT NULL CHECK (length(entry_hash) = 32)
);

-- Every entry with its time. Times never go back, so this turns a range of times into a range of positions, for all
-- accounts at once.
CREATE TABLE ledger_entry (
    sequence BIGINT NOT NULL PRIMARY KEY CHECK (sequence > 0),
    timestamp BIGINT NOT NULL
);
CREATE INDEX ledger_entry_by_time ON ledger_entry (timestamp, sequence);

CREATE TABLE ledger_account (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    asset INTEGER NOT NULL,
    code INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    reference BYTEA NOT NULL CHECK (length(reference) = 16),
    created_at BIGINT NOT NULL,
    created_sequence BIGINT NOT NULL
);

-- One row for each account, apart from what never changes: this one is written with every movement. The last position
-- is that of the account's newest statement entry, zero if there is none.
CREATE TABLE account_balance (
    account BYTEA NOT NULL PRIMARY KEY CHECK (length(account) = 16),
    debits_pending BYTEA NOT NULL CHECK (length(debits_pending) = 16),
    debits_posted BYTEA NOT NULL CHECK (length(debits_posted) = 16),
    credits_pending BYTEA NOT NULL CHECK (length(credits_pending) = 16),
    credits_posted BYTEA NOT NULL CHECK (length(credits_posted) = 16),
    last_position BIGINT NOT NULL CHECK (last_position >= 0)
);

-- Pending transfers that have not ended: what the end of one has to know.
CREATE TABLE open_pending (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    position BIGINT NOT NULL,
    debit_account BYTEA NOT NULL CHECK (length(debit_account) = 16),
    credit_account BYTEA NOT NULL CHECK (length(credit_account) = 16),
    amount BIGINT NOT NULL CHECK (amount > 0),
    asset INTEGER NOT NULL,
    code INTEGER NOT NULL,
    reference BYTEA NOT NULL CHECK (length(reference) = 16)
);

-- Every accepted transfer and every expiry, in the one order of the ledger. The amount is what moved or, of a pending
-- transfer, what was reserved; released is what was reserved and is no longer. An expiry has no transfer of its own.
CREATE TABLE ledger_event (
    position BIGINT NOT NULL PRIMARY KEY CHECK (position > 0),
    timestamp BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('transfer', 'pending', 'post', 'void', 'expiry')),
    debit_account BYTEA NOT NULL CHECK (length(debit_account) = 16),
    credit_account BYTEA NOT NULL CHECK (length(credit_account) = 16),
    transfer_id BYTEA CHECK (length(transfer_id) = 16),
    pending_id BYTEA CHECK (length(pending_id) = 16),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    released BIGINT NOT NULL CHECK (released >= 0),
    asset INTEGER NOT NULL,
    code INTEGER NOT NULL,
    reference BYTEA NOT NULL CHECK (length(reference) = 16),
    CHECK (debit_account <> credit_account),
    CHECK ((transfer_id IS NULL) = (kind = 'expiry')),
    CHECK ((pending_id IS NULL) = (kind IN ('transfer', 'pending')))
);
CREATE INDEX ledger_event_by_debit_account ON ledger_event (debit_account, position);
CREATE INDEX ledger_event_by_credit_account ON ledger_event (credit_account, position);

-- Both sides of every event: one row for each account and position. A view, so that what both sides share is stored and
-- written once; the indexes above are its order.
CREATE VIEW statement_entry AS
    SELECT debit_account AS account, position, timestamp, 'debit' AS side, credit_account AS counterparty, kind,
           transfer_id, pending_id, amount, released, asset, code, reference
    FROM ledger_event
    UNION ALL
    SELECT credit_account, position, timestamp, 'credit', debit_account, kind,
           transfer_id, pending_id, amount, released, asset, code, reference
    FROM ledger_event;
