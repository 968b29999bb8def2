-- Whom this database belongs to: one row, written once and never changed.
CREATE TABLE instance (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    network TEXT NOT NULL CHECK (network IN ('mainnet', 'testnet4', 'signet', 'regtest')),
    created_at BIGINT NOT NULL
);

-- Which process is the active one of a role, and until when. A row whose time has passed is free.
CREATE TABLE lease (
    role TEXT NOT NULL PRIMARY KEY CHECK (role IN ('ledger', 'vault', 'oracle')),
    holder BYTEA NOT NULL CHECK (length(holder) = 16),
    expires_at BIGINT NOT NULL
);

-- One counter that the readiness probe moves, to see that a commit reaches the disk.
CREATE TABLE probe (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    writes BIGINT NOT NULL CHECK (writes > 0)
);
