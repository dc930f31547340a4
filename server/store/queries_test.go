package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What only one of the databases takes, or takes in its own way.
var notShared = regexp.MustCompile(`(?i)::|\bnow\(\)|\bilike\b|\bidentity\b|\bserial\b|\bjsonb?\b|\btimestamp|->>|\bgreatest\(|\bleast\(|\bany\(`)

func TestQueriesAndMigrationsAreSharedByBothDatabases(t *testing.T) {
	seen := 0
	for _, pattern := range []string{"queries/*.sql", "migrations/*.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			seen++
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			number := 0
			for line := range strings.Lines(string(text)) {
				number++
				code, _, _ := strings.Cut(line, "--")
				if found := notShared.FindString(code); found != "" {
					t.Errorf("%s:%d: %q is not understood alike by SQLite and PostgreSQL", file, number, found)
				}
			}
		}
	}
	if seen < 6 {
		t.Errorf("only %d files were looked at", seen)
	}
}

// TestBothClaimsTakeTheSameJobs compares the two queries that differ: PostgreSQL's
// skips what another replica is claiming, and nothing else.
func TestBothClaimsTakeTheSameJobs(t *testing.T) {
	text, err := os.ReadFile("queries/jobs.sql")
	if err != nil {
		t.Fatal(err)
	}
	due := regexp.MustCompile(`(?s)SELECT j\.id FROM jobs j.*?LIMIT sqlc\.arg\(most\)`).FindAllString(string(text), -1)
	set := regexp.MustCompile(`(?s)UPDATE jobs SET\s+state = 'running'.*?WHERE`).FindAllString(string(text), -1)
	for name, both := range map[string][]string{"which jobs": due, "what is set": set} {
		if len(both) != 2 || both[0] != both[1] {
			t.Errorf("%s: the claims differ:\n%s", name, strings.Join(both, "\n\n"))
		}
	}
}
