package deploytext

import (
	"fmt"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// beside reports whether a signal is decided by the old and the new version at the same time.
func beside(m signal.Result) bool {
	return m.Versions != nil && m.Versions.Calibrated && (m.Versions.Serving || m.ByVersion)
}

// levels are what is compared: the time before with the time after, or the old version with the new.
func levels(m signal.Result) (before, after signal.Sample) {
	if beside(m) {
		return m.Versions.Old, m.Versions.New
	}
	return m.Before, m.After
}

// versionsLine says what both versions show; empty if they did not serve at the same time.
func versionsLine(m signal.Result) string {
	v := m.Versions
	if v == nil {
		return ""
	}
	from, to := time.Unix(v.New.From, 0).UTC().Format("15:04"), time.Unix(v.New.To, 0).UTC().Format("15:04")
	text := fmt.Sprintf("Both versions served from %s to %s UTC. Old: %s. New: %s.", from, to, sampleWords(m, v.Old), sampleWords(m, v.New))
	if !v.Calibrated {
		text += " They are not compared: the last days do not show how much instances of one version differ."
	}
	return text
}

// unbound says why versions are not compared with each other.
var unbound = map[deploy.Unbound]string{
	deploy.NoOldVersion: "no version had requests right before the roll-out",
	deploy.SeveralOld:   "several versions had requests right before the roll-out",
	deploy.NoNewVersion: "no new version has served for 5 minutes",
	deploy.SeveralNew:   "several versions began to serve after the roll-out had begun",
	deploy.UnsettledOld: "the old version was not verified",
}

// versionsNote says which label distinguishes the versions, or why they are not compared; empty without such a label.
func (d Deployed) versionsNote() string {
	if d.History == nil || d.History.Versions == nil {
		return ""
	}
	v := d.History.Versions
	if v.Why != "" {
		return "Versions are not compared with each other: " + checks.Escape(v.Why, checks.InProse) + "."
	}
	if len(d.Samples) == 0 {
		return ""
	}
	bound := d.History.Bind(d.Run.Verification, d.Samples)
	if bound.Why != "" {
		return "Versions are not compared with each other: " + unbound[bound.Why] + "."
	}
	return fmt.Sprintf("While both versions serve, the new one (%s) is compared with the old one (%s). The label %s distinguishes them.",
		checks.Code(bound.New), checks.Code(bound.Old), checks.Code(v.Label))
}
