package evidence

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"plimsoll/checks"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/deploy"
	"plimsoll/server/evidence/plot"
)

//go:embed page.html
var pageText string

//go:embed refused.html
var refusedText string

var (
	pageTemplate    = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageText)) })
	refusedTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("refused").Parse(refusedText)) })
)

// view is what the page's template shows.
type view struct {
	deploytext.Evidence
	Style, Script string
	Repository    string
	Icon          string
	Refresh       int // seconds; 0: the page is what it will be
	Private       string
	// Main is the plot of what decided; nil if nothing was measured.
	Main    *mainPlot
	Signals []drawn
	// SparkFrom is when the small plots begin.
	SparkFrom string
	Probes    []drawnProbe
	Earlier   []earlier
	Replay    string
	Hash      string
	Made      string
	// Graph shows on the metric server what decided; empty if the operator gives no address.
	Graph      string
	HowToRead  []string
	HowUnusual string
}

// mainPlot is the plot at the top of the page.
type mainPlot struct {
	Name, Says string
	Plot       template.HTML
}

// drawn is a signal with its plots, which are ours and escaped. Chart is empty where it
// is at the top of the page.
type drawn struct {
	deploytext.SignalEvidence
	Chart, Spark, Strip, Unusual template.HTML
	Graph                        string
}

type drawnProbe struct {
	deploytext.ProbeEvidence
	Strip template.HTML
	// Worst are the samples that did not pass, the last ones first.
	Worst []deploytext.ProbeSample
}

type earlier struct {
	When, Commit, Says string
	Here               bool
}

// leastRefresh is how often a page reloads at most while the deployment is watched.
const leastRefresh = 10 * time.Second

// What is listed at the most.
const (
	mostWorst = 20
	mostPlots = deploy.MostSignals
)

// icons of outcomes, in characters that every font has.
var icons = map[deploytext.Outcome]string{
	deploytext.OutcomeWatching: "…", deploytext.OutcomeVerified: "✓", deploytext.OutcomeFailed: "✗", deploytext.OutcomeRestored: "↩",
	deploytext.OutcomeInvestigate: "!", deploytext.OutcomeInconclusive: "?",
}

// view puts the page together.
func (s *shown) view() view {
	words := deploytext.DeploymentEvidence(s.Deployed)
	v := view{
		Evidence: words, Style: StylePath, Script: ScriptPath, Repository: s.Repository.FullName(), Icon: icons[words.Outcome], Private: deploytext.EvidenceOpenTo(s.Repository, s.expires),
		Hash: s.hash, Made: s.Now.UTC().Format("2006-01-02 15:04:05"), HowToRead: deploytext.PlotWords, HowUnusual: deploytext.UnusualWords,
		SparkFrom: s.Run.Began.Add(-around).UTC().Format("15:04"),
	}
	if s.Run.Verdict != nil {
		v.Replay = "plimsoll verify --config server.yml --replay " + quoted("verdict/"+s.Run.ID())
	} else {
		v.Refresh = int(max(s.Run.Plan.Every, leastRefresh) / time.Second)
	}
	for _, signal := range words.Signals[:min(len(words.Signals), mostPlots)] {
		v.Signals = append(v.Signals, s.draw(signal))
	}
	for i, probe := range words.Probes {
		v.Probes = append(v.Probes, s.drawProbe(i, probe))
	}
	s.choose(&v)
	for _, run := range s.earlier {
		one := earlier{When: run.Began.UTC().Format("2006-01-02 15:04"), Commit: run.Commit[:min(len(run.Commit), 7)], Says: "in progress", Here: run.ID() == s.Run.ID()}
		if run.Verdict != nil {
			one.Says = string(run.Verdict.Answer)
		}
		v.Earlier = append(v.Earlier, one)
	}
	return v
}

// choose puts what decided at the top: the probe that the verdict names first, otherwise
// the first signal, otherwise the first probe.
func (s *shown) choose(v *view) {
	named := ""
	if verdict := s.Run.Verdict; verdict != nil && len(verdict.Reasons) > 0 && verdict.Reasons[0].Signal == nil {
		named = verdict.Reasons[0].Subject
	}
	for i := range v.Probes {
		if p := &v.Probes[i]; p.Name == named && named != "" || len(v.Signals) == 0 {
			v.Main = &mainPlot{Name: p.Name, Says: checks.UpperFirst(p.Says) + ".", Plot: p.Strip}
			p.Strip = ""
			return
		}
	}
	if len(v.Signals) > 0 {
		first := &v.Signals[0]
		v.Main = &mainPlot{Name: first.Name, Says: first.Before + " → " + first.After + ". " + first.SignalEvidence.Sentence(), Plot: first.Chart}
		first.Chart, v.Graph = "", first.Graph
	}
}

// drawProbe draws one probe's results.
func (s *shown) drawProbe(i int, probe deploytext.ProbeEvidence) drawnProbe {
	d := drawnProbe{ProbeEvidence: probe}
	strip := plot.Probes{
		ID: fmt.Sprintf("probe-%d", i), Title: probe.Name + " " + probe.Says, From: s.Run.Began.Unix(), To: s.Run.Ends().Unix(), Deployed: s.Run.Began.Unix(),
	}
	var words []string
	for _, r := range probe.Results {
		strip.Samples = append(strip.Samples, plot.Sample{At: r.At.Unix(), Passed: r.Passed, Asked: r.Asked, Took: r.Took})
		strip.To = max(strip.To, r.At.Unix())
		if !r.Passed {
			words = append(words, r.At.UTC().Format("15:04:05")+" "+r.Says)
		}
	}
	strip.Description = "It passed every time."
	if len(words) > 0 {
		strip.Description = "It did not pass at " + strings.Join(words[:min(len(words), mostWorst)], "; ")
	}
	d.Strip = template.HTML(strip.SVG())
	for k := len(probe.Results) - 1; k >= 0 && len(d.Worst) < mostWorst; k-- {
		if !probe.Results[k].Passed {
			d.Worst = append(d.Worst, probe.Results[k])
		}
	}
	return d
}

// quoted makes a text one word of a shell command.
func quoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
