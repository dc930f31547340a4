package compare

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/overlay"
)

// overlays are the overlay documents that the user gave, and what had no effect.
type overlays struct {
	list     []*overlay.Overlay
	names    []string // of base and head
	warnings []contracts.Problem
	display  func(string) string
}

// readOverlays reads the overlay documents.
func readOverlays(ctx context.Context, open *opener, options Options) (*overlays, error) {
	o := &overlays{names: []string{options.Base, options.Head}, display: open.display}
	for _, name := range options.Overlays {
		one, err := readOverlay(ctx, open, name)
		if problem, ok := errors.AsType[*contracts.Problem](err); ok {
			return nil, o.shown(*problem)
		}
		if err != nil {
			return nil, err
		}
		o.list = append(o.list, one)
		o.checkExtends(one)
	}
	return o, nil
}

func readOverlay(ctx context.Context, open *opener, name string) (*overlay.Overlay, error) {
	src, file, err := open.source(ctx, name)
	if err != nil {
		return nil, err
	}
	data, err := src.ReadFile(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("read overlay %s: %w", name, err)
	}
	d, err := document.Parse(file, data, document.Limits{Bytes: 8 << 20, Depth: 200, Aliases: 100_000})
	if fault, ok := errors.AsType[*document.Error](err); ok {
		return nil, &contracts.Problem{Position: contracts.Position{File: file, Line: fault.Line, Column: fault.Column}, Message: fault.Message, Hint: fault.Hint}
	}
	if err != nil {
		return nil, err
	}
	return overlay.Read(d)
}

func (o *overlays) shown(p contracts.Problem) *contracts.Problem {
	p.File = o.display(p.File)
	return &p
}

// checkExtends warns if an overlay was written for a file of another name than both
// contracts have.
func (o *overlays) checkExtends(one *overlay.Overlay) {
	want := path.Base(one.Extends.Text())
	if !one.Extends.Valid() {
		return
	}
	for _, name := range o.names {
		if path.Base(name[strings.LastIndexByte(name, ':')+1:]) == want {
			return
		}
	}
	line, column := one.Extends.Position()
	o.warnings = append(o.warnings, *o.shown(contracts.Problem{Position: contracts.Position{File: one.Extends.File(), Line: line, Column: column},
		Message: "the overlay extends " + one.Extends.Text() + ", and is applied to contracts of other names"}))
}

// change gives what applies the overlays to a contract. Warnings name the contract; those of
// baselines, which have no name, are not shown.
func (o *overlays) change(name string) func(context.Context, *document.Doc) (*document.Doc, error) {
	if o == nil || len(o.list) == 0 {
		return nil
	}
	return func(ctx context.Context, d *document.Doc) (*document.Doc, error) {
		out, warnings, err := overlay.Apply(ctx, d, o.list, checkLimits.TotalBytes)
		if name != "" {
			for _, w := range warnings {
				w.Message += " (in " + name + ")"
				o.warnings = append(o.warnings, *o.shown(w))
			}
		}
		return out, err
	}
}
