package require_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"plimsoll/handlers/require"
)

type group struct {
	Log fmt.Stringer
	Do  func(context.Context) error
}

type deps struct {
	group
	Name     string
	Names    map[string]int
	Pointer  *int
	Metrics  fmt.Stringer `require:"optional"`
	Together group
}

type named struct{}

func (*named) String() string { return "" }

func complete() deps {
	one := 1
	g := group{Log: &named{}, Do: func(context.Context) error { return nil }}
	return deps{group: g, Names: map[string]int{}, Pointer: &one, Together: g}
}

func TestAll(t *testing.T) {
	if err := require.All(complete()); err != nil {
		t.Errorf("complete: %v", err)
	}
	for missing, change := range map[string]func(*deps){
		"Names":              func(d *deps) { d.Names = nil },
		"Pointer":            func(d *deps) { d.Pointer = nil },
		"group.Log":          func(d *deps) { d.Log = nil },
		"Together.Log":       func(d *deps) { d.Together.Log = (*named)(nil) },
		"Names, Together.Do": func(d *deps) { d.Names, d.Together.Do = nil, nil },
	} {
		d := complete()
		change(&d)
		if err := require.All(d); err == nil || !strings.HasSuffix(err.Error(), "missing "+missing) {
			t.Errorf("%s: %v", missing, err)
		}
	}
}
