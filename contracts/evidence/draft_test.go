package evidence

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/contracts"
)

// with lays one more file over a tree.
type with struct {
	contracts.Tree
	file, content string
}

func (w with) ReadFile(ctx context.Context, file string) ([]byte, error) {
	if file == w.file {
		return []byte(w.content), nil
	}
	return w.Tree.ReadFile(ctx, file)
}

// checkDraft asks of a draft: it is valid, and kept as the repository's file it
// gives no problem and uses the APIs that were found.
func checkDraft(t *testing.T, folder string, draft Draft) {
	t.Helper()
	if _, err := config.ParseRepository(".github/plimsoll.yml", []byte(draft.Text)); err != nil {
		t.Fatalf("the draft is not valid: %v\n%s", err, draft.Text)
	}
	tree, err := Dir(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	r, err := Collect(t.Context(), with{tree, "draft.yml", draft.Text}, Options{
		Repository: contracts.RepositoryRef{Name: filepath.Base(folder)}, File: "draft.yml", DeclaredOnly: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Broken || len(r.Components) != max(1, len(draft.Components)) {
		t.Errorf("with the draft: %s\n%s", show(r), draft.Text)
	}
	for _, p := range r.Problems {
		t.Errorf("with the draft: %v\n%s", &p, draft.Text)
	}
	if !strings.HasPrefix(draft.Text, "# A draft by `plimsoll discover`") {
		t.Error("the draft does not say what it is")
	}
}
