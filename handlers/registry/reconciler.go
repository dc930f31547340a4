package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// AppInstallations are the accounts that have the App.
type AppInstallations interface {
	// Installations lists one page of them, counted from 1. next is the number of the next
	// page, 0 at the end.
	Installations(ctx context.Context, page int) (installations []source.Installation, next int, err error)
	// Installation returns an error that wraps io/fs.ErrNotExist if there is none.
	Installation(ctx context.Context, id int64) (source.Installation, error)
	// PermissionsPage is where an account accepts what the App asks for, or, if the App
	// itself does not ask for it, where the App's owner changes that.
	PermissionsPage(ctx context.Context, installation source.Installation, lacking source.Lacking) (string, error)
}

// Roster remembers the installations.
type Roster interface {
	PutInstallation(ctx context.Context, installation int64, account source.Account, state string) error
	Returned(ctx context.Context, installation int64) (bool, error)
	// Known reports whether an installation is known and not removed.
	Known(ctx context.Context, installation int64) (bool, error)
	// ActiveInstallations lists those that are known and not removed.
	ActiveInstallations(ctx context.Context) ([]int64, error)
	// PutLacking stores what an installation has not granted, and reports whether that is
	// new.
	PutLacking(ctx context.Context, installation int64, lacking source.Lacking) (changed bool, err error)
	AccountScan(ctx context.Context, installation int64) (source.Scan, error)
	// Swept notes that everything of an installation is looked through.
	Swept(ctx context.Context, installation int64) error
}

// Reconciler keeps the list of installations as GitHub has it, and has each of them listed
// and read where something may have changed without an event.
type Reconciler struct {
	deps ReconcilerDeps
}

// ReconcilerDeps is what a Reconciler needs.
type ReconcilerDeps struct {
	GitHub AppInstallations
	Roster Roster
	Queue  work.Queue
	Asks   Asks
	Now    func(ctx context.Context) (time.Time, error)
	// SweepEvery is how often everything is looked through, whether or not the list of
	// repositories shows a change; 0: never.
	SweepEvery time.Duration
	// ListEvery is how often the lists of repositories are read.
	ListEvery time.Duration
}

// Asks is what the App asks of an account.
type Asks struct {
	// Permissions maps a permission to read or write.
	Permissions map[string]string
	Events      []string
}

// NewReconciler returns a Reconciler.
func NewReconciler(deps ReconcilerDeps) (*Reconciler, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Reconciler{deps}, nil
}

// Met takes up an installation that an event comes from and that is not known: the event
// about it was lost, or the database was. GitHub is asked, so that no event is believed.
func (r *Reconciler) Met(ctx context.Context, installation int64) error {
	known, err := r.deps.Roster.Known(ctx, installation)
	if err != nil || known {
		return err
	}
	return r.deps.Queue.Enqueue(ctx, work.InstallationsWork(work.InstallationsArgs{Page: 1}))
}

// Page takes one page of the list of installations.
func (r *Reconciler) Page(ctx context.Context, args work.InstallationsArgs) error {
	page := max(args.Page, 1)
	installations, next, err := r.deps.GitHub.Installations(ctx, page)
	if err != nil {
		return err
	}
	for _, installation := range installations {
		if err := r.reconcile(ctx, installation); err != nil {
			return fmt.Errorf("reconcile installation %d: %w", installation.ID, err)
		}
		args.Listed = append(args.Listed, installation.ID)
	}
	if next > page {
		return r.deps.Queue.Enqueue(ctx, work.InstallationsWork(work.InstallationsArgs{Page: next, Listed: args.Listed}))
	}
	return r.remove(ctx, args.Listed)
}

// remove notes which installations are gone. GitHub is asked about each of them: a list
// that changes while it is read may lack one.
func (r *Reconciler) remove(ctx context.Context, listed []int64) error {
	known, err := r.deps.Roster.ActiveInstallations(ctx)
	if err != nil {
		return err
	}
	for _, id := range known {
		if slices.Contains(listed, id) {
			continue
		}
		_, err := r.deps.GitHub.Installation(ctx, id)
		if errors.Is(err, fs.ErrNotExist) {
			zerolog.Ctx(ctx).Info().Int64("installation", id).Msg("the App was uninstalled, and no event said so")
			err = r.deps.Roster.PutInstallation(ctx, id, source.Account{}, "removed")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reconcile takes one installation as GitHub describes it.
func (r *Reconciler) reconcile(ctx context.Context, installation source.Installation) error {
	known, err := r.deps.Roster.Known(ctx, installation.ID)
	if err != nil {
		return err
	}
	state := "active"
	if installation.Suspended {
		state = "suspended"
	}
	if err := r.deps.Roster.PutInstallation(ctx, installation.ID, source.Account{Login: installation.Account, ID: installation.AccountID}, state); err != nil {
		return err
	}
	if err := r.compare(ctx, installation); err != nil || installation.Suspended {
		return err
	}
	return r.list(ctx, installation, known)
}

// longestListing is after what time a listing that has not ended is begun again.
const longestListing = 6 * time.Hour

// list has the repositories of an installation listed.
func (r *Reconciler) list(ctx context.Context, installation source.Installation, known bool) error {
	scan, err := r.deps.Roster.AccountScan(ctx, installation.ID)
	if err != nil {
		return err
	}
	now, err := r.deps.Now(ctx)
	if err != nil {
		return err
	}
	if scan.Begun.After(scan.Listed) && now.Sub(scan.Begun) < longestListing {
		return nil // it is being listed
	}
	args := work.ScanArgs{Installation: installation.ID, Page: 1, Reconcile: true, Since: scan.Listed, Anew: !scan.Complete}
	args.Spares = !args.Anew // else pull requests wait for it
	args.Sweep = args.Anew || r.deps.SweepEvery > 0 && now.Sub(scan.Swept) >= r.deps.SweepEvery
	if args.Sweep && !scan.Swept.IsZero() && scan.Swept.Before(args.Since) {
		args.Since = scan.Swept // the list shows no comments
	}
	if args.Sweep && known && !args.Anew && now.Sub(scan.Listed) < r.deps.ListEvery*3/2 {
		return r.look(ctx, args)
	}
	if !known {
		if args.Review, err = r.deps.Roster.Returned(ctx, installation.ID); err != nil {
			return err
		}
	}
	return r.deps.Queue.Enqueue(ctx, work.ScanWork(args))
}

// look has the repositories of an installation looked through without listing them first: the
// list was read an hour ago and is read again in an hour, so that both together cost no more
// than a list an hour.
func (r *Reconciler) look(ctx context.Context, args work.ScanArgs) error {
	if err := r.deps.Queue.Enqueue(ctx, work.LookWork(work.LookArgs{Installation: args.Installation, Since: args.Since})); err != nil {
		return err
	}
	return r.deps.Roster.Swept(ctx, args.Installation)
}

// compare reports what an installation has not granted.
func (r *Reconciler) compare(ctx context.Context, installation source.Installation) error {
	lacking := LackingOf(r.deps.Asks, installation)
	if !lacking.Nothing() {
		var err error
		if lacking.Page, err = r.deps.GitHub.PermissionsPage(ctx, installation, lacking); err != nil {
			return err
		}
	}
	changed, err := r.deps.Roster.PutLacking(ctx, installation.ID, lacking)
	if err != nil || !changed || lacking.Nothing() {
		return err
	}
	zerolog.Ctx(ctx).Warn().Str("account", installation.Account).Int64("installation", installation.ID).
		Strs("permissions", lacking.Permissions).Strs("events", lacking.Events).Str("page", lacking.Page).
		Msg("the App lacks permissions or events that it needs: accept them on this page")
	return nil
}

// levels of a permission, the lowest first.
var levels = []string{"", "read", "write", "admin"}

// LackingOf compares what is asked for with what is granted.
func LackingOf(asks Asks, installation source.Installation) (lacking source.Lacking) {
	for _, name := range slices.Sorted(maps.Keys(asks.Permissions)) {
		asked, granted := asks.Permissions[name], installation.Permissions[name]
		if cmp.Compare(slices.Index(levels, granted), slices.Index(levels, asked)) < 0 {
			lacking.Permissions = append(lacking.Permissions, name+": "+asked)
		}
	}
	for _, event := range asks.Events {
		if !slices.Contains(installation.Events, event) {
			lacking.Events = append(lacking.Events, event)
		}
	}
	return lacking
}
