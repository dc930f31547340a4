package source

import (
	"errors"
	"io/fs"
	"maps"
	"strings"

	"plimsoll/checks/readiness"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

type providedAPI struct {
	Component contracts.Component
	Provided  contracts.Provided
}

func ProvidedBy(registration contracts.Registration) map[string]providedAPI {
	apis := map[string]providedAPI{}
	for _, component := range registration.Components {
		for _, provided := range component.Provides {
			apis[provided.API] = providedAPI{component, provided}
		}
	}
	return apis
}

func Union(a, b map[string]providedAPI) map[string]providedAPI {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// Offers is what a registration provides, as text to compare.
func Offers(r contracts.Registration) string {
	var all [][]contracts.Provided
	for _, component := range r.Components {
		if len(component.Provides) > 0 {
			all = append(all, component.Provides)
		}
	}
	return JSON(all)
}

// ShortName is an API's own name, without its repository.
func ShortName(written string) string { return written[strings.LastIndexByte(written, '/')+1:] }

// SameName reports whether an API is named in full.
func SameName(written string, repo contracts.RepositoryRef, api string) bool {
	return strings.EqualFold(written, repo.FullName()+"/"+api)
}

// Merged is a repository's file with the organisation's under it, every component
// with its name.
func Merged(file, organisation *config.Repository, repository string) *config.Repository {
	if file == nil {
		return nil
	}
	whole, _ := config.Merge(file, organisation)
	return readiness.Named(whole, repository)
}

// EnvironmentOf is what a file declares of a target; the zero environment if it declares
// nothing.
func EnvironmentOf(file *config.Repository, target deploy.Target) config.Environment {
	for _, component := range file.Components {
		if string(component.Name) != target.Component {
			continue
		}
		for name, environment := range component.Environments {
			if strings.EqualFold(string(name), target.Environment) {
				return environment
			}
		}
	}
	return config.Environment{}
}

// UsersFault reports whether a file is missing or can't be used, which a retry does not
// fix.
func UsersFault(err error) bool {
	_, wrong := errors.AsType[*contracts.Problem](err)
	return wrong || errors.Is(err, fs.ErrNotExist)
}
