-- +goose Up
-- GitHub's id of the account: unlike its login, nobody else can take it. 0: not seen yet.
ALTER TABLE installations ADD COLUMN account_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX installations_of_account ON installations (account_id);

-- The accounts that the operator's file names, by their logins in lower case. account_id is
-- the account that had the login when it was first seen; 0: none was. The name goes on
-- meaning that account, whoever has the login later. organisation joins accounts; '': none.
CREATE TABLE named_accounts (
    name         TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL,
    account_id   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE named_accounts;
DROP INDEX installations_of_account;
ALTER TABLE installations DROP COLUMN account_id;
