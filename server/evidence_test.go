package server_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"plimsoll/server/testbed/testbedtest"
)

// get fetches a page of the server's, and what it says to people.
func (w *watching) get(address string) (status int, text string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.Header.Get("Content-Security-Policy") == "" || strings.Contains(response.Header.Get("Content-Security-Policy"), "unsafe") {
		w.t.Errorf("%s has the policy %q", address, response.Header.Get("Content-Security-Policy"))
	}
	return response.StatusCode, told(string(body))
}

var (
	drawings  = regexp.MustCompile(`(?s)<svg.*?</svg>|<head>.*?</head>`)
	tags      = regexp.MustCompile(`<[^>]*>`)
	blanks    = regexp.MustCompile(`\n\s*\n+`)
	tookTimes = regexp.MustCompile(`\b\d+ in \d+(\.\d+)?m?s`)
)

// told is the text of a page.
func told(page string) string {
	text := strings.NewReplacer("</dt>", ": ", "</td><td>", " | ", "</th><th", " | <th").Replace(drawings.ReplaceAllString(page, ""))
	text = tags.ReplaceAllString(text, "")
	text = strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
	return strings.TrimSpace(blanks.ReplaceAllString(text, "\n")) + "\n"
}

// details is the address behind a check run's "Details".
func (w *watching) details(commit string) string {
	w.t.Helper()
	runs := w.orders.Checks(commit, "plimsoll/deploy")
	if len(runs) != 1 || runs[0].DetailsURL == "" {
		w.t.Fatalf("on %s: %+v, expected one with details", commit, runs)
	}
	return runs[0].DetailsURL
}

// From the webhook to the check run to the page behind it: while it is watched, and when
// it has gone bad. The status has the same page.
func TestEvidenceOfADeployment(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		_, good := w.change("good")
		w.verified(good)
		_, bad := w.change("bad")
		w.service.runs(bad, http.StatusOK)
		w.deploy(bad)
		w.pass(1)
		link := w.details(bad)
		if status, text := w.get(link); status != http.StatusOK || !strings.Contains(text, "Watching orders in production: 2 of 6 samples, 4 minutes left") {
			t.Errorf("while it is watched: %d\n%s", status, text)
		}
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.pass(3)
		w.concluded(bad, "failure", "Roll back")
		if after := w.details(bad); after != link {
			t.Errorf("the link changes from %s to %s", link, after)
		}
		if page := w.GitHub.RenderAll(); strings.Count(page, link) < 3 {
			t.Errorf("the check run, the status and the comment do not all lead to %s:\n%s", link, page)
		}
		status, text := w.get(link)
		if status != http.StatusOK {
			t.Fatalf("%d\n%s", status, text)
		}
		text = strings.ReplaceAll(text, w.url, "http://orders.test")
		testbedtest.Golden(t, "verify/evidence.txt", tookTimes.ReplaceAllString(text, "200 in 1ms"))

		if status, text := w.get(w.details(good)); status != http.StatusOK || !strings.Contains(text, "orders in production is verified") {
			t.Errorf("of the good one: %d\n%s", status, text)
		}
		if status, text := w.get(strings.Replace(link, "11000002", "11000001", 1)); status != http.StatusNotFound || strings.Contains(text, "orders") {
			t.Errorf("another deployment by the same signature: %d\n%s", status, text)
		}
	})
}

// A link outlives the server that made it, and ends with the installation.
func TestEvidenceThroughARestart(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		_, commit := w.change("first")
		w.service.runs(commit, http.StatusOK)
		w.deploy(commit)
		w.pass(1)
		_, second := w.change("second")
		w.service.runs(second, http.StatusOK)
		w.deploy(second)
		link := strings.TrimPrefix(w.details(commit), w.URL())
		if err := w.StopServer(); err != nil {
			t.Fatal(err)
		}
		w.open(w.GitHub)
		if status, text := w.get(w.URL() + link); status != http.StatusOK || !strings.Contains(text, "orders in production was superseded") {
			t.Errorf("%d\n%s", status, text)
		}
		w.app.Uninstall()
		w.Settle()
		if status, text := w.get(w.URL() + link); status != http.StatusNotFound || strings.Contains(text, "production") {
			t.Errorf("after the App was removed: %d\n%s", status, text)
		}
	})
}

// A link ends when fewer people may read the repository than when it was made, and stays
// ended: somebody may have kept it. While that does not change, or more people may read it,
// it stays good.
func TestEvidenceEndsWithVisibility(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		opens := func(when, link string, expected bool) {
			t.Helper()
			status, text := w.get(link)
			if opens := status == http.StatusOK && strings.Contains(text, "orders in production"); opens != expected || !opens && (status != http.StatusNotFound || strings.Contains(text, "production")) {
				t.Errorf("%s: %d, expected it to open: %v\n%s", when, status, expected, text)
			}
		}
		made := func(branch string) string {
			t.Helper()
			_, commit := w.change(branch)
			w.service.runs(commit, http.StatusOK)
			w.deploy(commit)
			w.pass(1)
			return w.details(commit)
		}
		private := made("one")
		visible(w.orders, "public")
		w.Settle()
		opens("made private, public now", private, true)
		public := made("two")
		visible(w.orders, "internal")
		w.Settle()
		opens("made public, internal now", public, false)
		opens("made private, public in between", private, false)
		internal := made("three")
		opens("made internal", internal, true)
		visible(w.orders, "private")
		w.Settle()
		opens("made internal, private now", internal, false)
		last := made("four")
		opens("made private", last, true)
		opens("with another one's visibility", strings.Replace(last, "visibility=2", "visibility=1", 1), false)
		opens("without a visibility", strings.Replace(last, "&visibility=2", "", 1), false)
		visible(w.orders, "public")
		w.Settle()
		opens("public once more", public, false)
		opens("made private, public now", last, true)
	})
}

// A page shows what came before its deployment, and nothing that came after it.
func TestEvidenceShowsNothingNewer(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		commits := make([]string, 3)
		for i, branch := range []string{"one", "two", "three"} {
			_, commits[i] = w.change(branch)
			w.verified(commits[i])
		}
		for i, commit := range commits {
			_, text := w.get(w.details(commit))
			for k, other := range commits {
				if shown := strings.Contains(text, other[:7]); shown != (k <= i) {
					t.Errorf("the page of deployment %d shows deployment %d: %v\n%s", i, k, shown, text)
				}
			}
		}
	})
}
