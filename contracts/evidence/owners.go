package evidence

import (
	"context"
	"fmt"

	"plimsoll/contracts"
)

// FileOwners gives whom the CODEOWNERS of a tree makes the owners of a path, as
// written there; without a file of owners that can be read: nobody.
func FileOwners(ctx context.Context, tree contracts.Tree, path string) ([]string, error) {
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the owners of %s: %w", path, err)
	}
	paths := make([]string, len(files))
	for i, file := range files {
		paths[i] = file.Path
	}
	owners, err := readOwners(ctx, tree, paths)
	if err != nil {
		return nil, fmt.Errorf("read the owners of %s: %w", path, err)
	}
	return owners.Owners(path), nil
}
