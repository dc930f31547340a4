package evidence

import (
	"context"
	"fmt"
	"io/fs"
	"path"

	"plimsoll/contracts"
)

// subtree is a part of a folder on disk, its paths counted from root.
type subtree struct {
	tree  contracts.Tree
	root  string
	files []contracts.File
}

var _ contracts.Tree = subtree{}

func (s subtree) Files(context.Context) ([]contracts.File, error) { return s.files, nil }

func (s subtree) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if !fs.ValidPath(file) {
		return nil, fmt.Errorf("read %s: %w", file, fs.ErrNotExist)
	}
	return s.tree.ReadFile(ctx, s.root+file)
}

// relocateRegistration puts a folder before every position.
func relocateRegistration(r *contracts.Registration, prefix string) {
	move := func(p *contracts.Position) {
		if p.File != "" {
			p.File = path.Join(prefix, p.File)
		}
	}
	moved := map[*[]contracts.Pattern]bool{nil: true} // lists may be shared
	for i := range r.Problems {
		move(&r.Problems[i].Position)
	}
	for i := range r.Components {
		move(&r.Components[i].Position)
		for j := range r.Components[i].Consumes {
			usage := &r.Components[i].Consumes[j].Usage
			move(&usage.Evidence.Position)
			if usage.Baseline.Path != "" {
				usage.Baseline.Path = path.Join(prefix, usage.Baseline.Path)
			}
			for k := range usage.Operations {
				use := &usage.Operations[k]
				move(&use.Evidence.Position)
				for _, list := range []*[]contracts.Pattern{use.Reads, use.Sends} {
					if !moved[list] {
						moved[list] = true
						for l := range *list {
							move(&(*list)[l].Position)
						}
					}
				}
			}
		}
	}
}
