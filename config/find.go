package config

import (
	"path"
	"slices"
	"strings"
)

// RepositoryFiles are the paths at which the repository file may stand; the first that
// exists is read.
var RepositoryFiles = []string{".github/plimsoll.yml", "plimsoll.yml"}

// Find gives the repository file among the paths of a repository; "" without one. A file
// that looks as if it was meant to be one gives an error that says where to put it. So
// does a second repository file, which is not read.
func Find(paths []string) (string, Errors) {
	var file string
	var notes Errors
	for _, candidate := range RepositoryFiles {
		switch {
		case !slices.Contains(paths, candidate):
		case file == "":
			file = candidate
		default:
			notes = append(notes, &Error{File: candidate, Message: "this file is ignored, because " + file + " exists", Hint: "move its content there and remove it"})
		}
	}
	for _, p := range paths {
		if NearMiss(p) {
			hint := "rename it to " + RepositoryFiles[0]
			if file != "" {
				hint = "move its content to " + file + " and remove it"
			}
			notes = append(notes, &Error{File: p, Message: "this file is ignored: the repository file is " + RepositoryFiles[0] + " or " + RepositoryFiles[1], Hint: hint})
		}
	}
	return file, notes
}

// NearMiss says whether a path looks like a repository file and is none: another
// extension, another spelling, another folder at the top.
func NearMiss(p string) bool {
	if slices.Contains(RepositoryFiles, p) {
		return false
	}
	folder, name := path.Split(p)
	folder, name = strings.ToLower(folder), strings.ToLower(name)
	stem := strings.TrimPrefix(strings.TrimSuffix(name, path.Ext(name)), ".")
	if !slices.Contains([]string{".yml", ".yaml", ".json"}, path.Ext(name)) || stem != "plimsoll" && stem != "plimsol" {
		return false
	}
	return slices.Contains([]string{"", ".github/", "github/", ".github/workflows/", ".plimsoll/"}, folder)
}
