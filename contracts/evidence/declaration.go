package evidence

import (
	"path"

	"plimsoll/config"
)

// IsDeclaration tells whether a path, by its name alone, is one that Collect
// reads: the repository file, or a file that is known to tell of a use.
func IsDeclaration(file string) bool {
	if found, _ := config.Find([]string{path.Clean(file)}); found != "" {
		return true
	}
	_, known := importerOf(file)
	return known && ours(file)
}
