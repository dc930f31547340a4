package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/source"
	"plimsoll/server/queue"
)

// admission decides which accounts are served at all. Anybody can install a public App.
// Nothing of the others is read, indexed or checked: their work ends where it would begin,
// and a pull request that they open says how to be served.
type admission struct {
	tenants   *tenants
	publisher *publication.Publisher
}

// served wraps a queue's function: the work of accounts that are not served ends at once.
func (a admission) served(do queue.Func) queue.Func {
	return func(ctx context.Context, job queue.Job) error {
		ok, account, err := a.serves(ctx, job.Installation, source.Account{})
		if err != nil {
			return classed(err, job)
		}
		if !ok {
			zerolog.Ctx(ctx).Debug().Str("account", account).Msg("the account is not served")
			return nil
		}
		return do(ctx, job)
	}
}

// serves reports whether the account of an installation is served; stated is the account if
// the installation is not known.
func (a admission) serves(ctx context.Context, installation int64, stated source.Account) (ok bool, name string, err error) {
	accounts := a.tenants.rules.Load().served
	if installation == 0 || len(accounts) == 1 && accounts[0] == config.EveryAccount {
		return true, "", nil
	}
	account, err := a.tenants.accounts.AccountOf(ctx, installation)
	if err != nil {
		return false, "", fmt.Errorf("find the account of installation %d: %w", installation, err)
	}
	if account.Login == "" {
		account = stated
	}
	if account.Login == "" {
		return false, "", nil // GitHub is asked for its name, and then everything is read
	}
	ok, err = a.tenants.admits(ctx, accounts, account)
	return ok, account.Login, err
}

type account struct {
	Login string `json:"login"`
	ID    int64  `json:"id"`
}

// refused is what is read of an event to say that its account is not served.
type refused struct {
	Action       string `json:"action"`
	Installation struct {
		ID      int64   `json:"id"`
		Account account `json:"account"`
	} `json:"installation"`
	Repository struct {
		ID      int64   `json:"id"`
		Name    string  `json:"name"`
		Owner   account `json:"owner"`
		Private bool    `json:"private"`
	} `json:"repository"`
	PullRequest struct {
		Number int `json:"number"`
		Head   struct {
			SHA string `json:"sha"`
		} `json:"head"`
	} `json:"pull_request"`
}

// admit reports whether an event is handled. If its account is not served, a pull request
// that is opened says so; installations are noted in any case.
func (a admission) admit(ctx context.Context, event string, payload []byte) (bool, error) {
	var e refused
	if err := json.Unmarshal(payload, &e); err != nil {
		return false, fmt.Errorf("read the %s payload: %w", event, err)
	}
	ok, account, err := a.serves(ctx, e.Installation.ID, source.Account(cmp.Or(e.Repository.Owner, e.Installation.Account)))
	if err != nil || ok || event == "installation" || event == "installation_target" {
		return err == nil, err
	}
	if event != "pull_request" || e.Action != "opened" && e.Action != "reopened" {
		return false, nil
	}
	repo := contracts.RepositoryRef{Installation: e.Installation.ID, ID: e.Repository.ID, Owner: e.Repository.Owner.Login, Name: e.Repository.Name, Private: e.Repository.Private}
	run := failuretext.NotServed(account, e.PullRequest.Head.SHA, e.PullRequest.Number)
	if err := a.publisher.PutVerdict(ctx, repo, checks.VerdictPublication(checks.SubjectOfPull(e.PullRequest.Number), run, "")); err != nil {
		return false, err
	}
	return false, a.publisher.Publish(ctx, repo, e.PullRequest.Head.SHA)
}

// ownerAgain is how long it takes until the App's owner is asked for again.
const ownerAgain = 30 * time.Second

// announce says in the log who is served, and asks for the App's owner until it is known.
func (a admission) announce(ctx context.Context) {
	if len(a.tenants.rules.Load().served) > 0 {
		return
	}
	for {
		owner, err := a.tenants.ownerOfApp(ctx)
		if err == nil {
			zerolog.Ctx(ctx).Info().Str("account", owner.Owner).Msg("only the App's owner is served; add other accounts to accounts in the operator's file")
			return
		}
		zerolog.Ctx(ctx).Error().Err(err).Msg("no account is served: can't read the App's owner from GitHub, and the operator's file has no accounts; next try in 30 s")
		select {
		case <-ctx.Done():
			return
		case <-time.After(ownerAgain):
		}
	}
}
