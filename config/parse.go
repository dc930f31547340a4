package config

import (
	"errors"
	"fmt"
	"reflect"
)

// ParseRepository reads a repository's or an organisation's file, YAML or JSON.
// The error is [Errors]: everything that is wrong, at once.
func ParseRepository(file string, data []byte) (*Repository, error) {
	documents, err := ParseTree(file, data, RepositoryBounds)
	if err != nil && documents == nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, Errors{{File: file, Message: "the file is empty", Hint: "begin with version: 1, or remove the file if the repository is not to be watched"}}
	}
	d := &decoder{file: file, places: map[string]Position{}, known: repositoryKeys}
	d.errs, _ = errors.AsType[Errors](err)
	repository := &Repository{File: file}
	d.value(documents[0], reflect.ValueOf(repository).Elem(), "")
	if v := repository.Version; v != Version && d.places["version"].Line > 0 && !d.failed("version") {
		d.errs = nil // what another version means by its keys is not known here
		d.faultAt("version", fmt.Sprintf("version %d is not known, expected %d", v, Version), "write version: 1, or bring Plimsoll up to date")
		return nil, d.errs.result()
	}
	d.check(repository)
	if err := d.errs.result(); err != nil {
		return nil, err
	}
	return repository, nil
}
