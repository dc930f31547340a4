package inventory

import (
	"strconv"
	"strings"

	"plimsoll/server/store/sqlc"
)

// linker finds the provider of each use, as the registry does: in the account of the consumer
// and those that the operator joins with it.
type linker struct {
	// groups names the accounts that are read as one, by installation.
	joined map[int64]string
	// named finds repositories by a name that they have or had, in one group.
	named map[groupName]int64
	// short finds who provides an API of a short name in a group, the first one first.
	short map[groupName][]*API
	full  map[repositoryAPI]*API
}

type groupName struct{ group, name string }

type repositoryAPI struct {
	repository int64
	api        string
}

func newLinker(joined map[int64]string, names []sqlc.ListNamesRow) *linker {
	l := &linker{joined: joined, named: make(map[groupName]int64, len(names)), short: map[groupName][]*API{}, full: map[repositoryAPI]*API{}}
	for _, row := range names {
		l.named[groupName{l.group(row.Installation), row.FullName}] = row.Repository
	}
	return l
}

// group names the accounts that are read as one with that of an installation. No name of an
// organisation begins with "#".
func (l *linker) group(installation int64) string {
	if name, ok := l.joined[installation]; ok {
		return name
	}
	return "#" + strconv.FormatInt(installation, 10)
}

// add notes who provides an API. It is called in the order in which the APIs were provided.
func (l *linker) add(api *API) {
	repo := api.Provider.Repository
	l.full[repositoryAPI{repo.ID, api.Provided.API}] = api
	at := groupName{l.group(repo.Installation), api.Provided.API}
	l.short[at] = append(l.short[at], api)
}

// link finds the provider of a use.
func (l *linker) link(use *Use) {
	installation := use.Consumer.Repository.Installation
	group := l.group(installation)
	if parts := strings.Split(use.Written, "/"); len(parts) == 3 {
		id, ok := l.named[groupName{group, strings.ToLower(parts[0] + "/" + parts[1])}]
		if ok {
			use.API = l.full[repositoryAPI{id, parts[2]}]
		}
	} else if found := l.short[groupName{group, use.Written}]; len(found) > 0 {
		use.API = found[0]
		for _, one := range found { // the first in the consumer's own account comes first
			if one.Provider.Repository.Installation == installation {
				use.API = one
				break
			}
		}
	}
	if use.API != nil {
		use.API.Consumers = append(use.API.Consumers, use)
	}
}
