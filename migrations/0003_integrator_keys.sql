-- Public keys with which integrators sign batches of transfers. A key that is revoked stays, so that it cannot be
-- registered for the same account again.
CREATE TABLE integrator_key (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account BYTEA NOT NULL CHECK (length(account) = 16),
    public_key BYTEA NOT NULL CHECK (length(public_key) = 32),
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    UNIQUE (account, public_key)
);
