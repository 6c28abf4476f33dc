package admin

import (
	"fmt"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// The values of Health.Status.
const (
	StatusOK       = "ok"
	StatusDegraded = "degraded" // serves, but not as it was asked to
	StatusStarting = "starting"
	StatusStopping = "stopping"
)

// Readiness is what those need to know who send requests.
type Readiness struct {
	Status string `json:"status"`
	// Ready says whether requests are served.
	Ready bool `json:"ready"`
	// Reasons say why Status is not ok.
	Reasons []string `json:"reasons,omitempty"`
}

// Health is how a server is as a whole.
type Health struct {
	Readiness
	Framework  *Framework `json:"framework,omitempty"`
	Generation int        `json:"generation"`
	LastReload *Reload    `json:"last_reload,omitempty"`
}

// health puts the server's own word and what the tree shows together.
func (s *Subject) health() Health {
	v := s.Vitals.Vitals()
	h := Health{Generation: v.Generation}
	if v.Framework != (Framework{}) {
		h.Framework = &v.Framework
	}
	if last, ok := s.Reloads.Last(); ok {
		h.LastReload = &last
	}
	top := s.Tree.Tree()
	switch {
	case v.Phase == PhaseStopping, top.State == otp.StateStopping, top.State == otp.StateStopped:
		h.Status, h.Reasons = StatusStopping, v.Waiting
	case v.Phase == PhaseStarting, top.State == otp.StateStarting:
		h.Status, h.Reasons = StatusStarting, v.Waiting
	default:
		h.Ready = true
		h.Status, h.Reasons = StatusOK, shortcomings(v, top)
		if len(h.Reasons) > 0 {
			h.Status = StatusDegraded
		}
	}
	return h
}

// shortcomings is why a running server is degraded; nothing if it is not.
func shortcomings(v Vital, top otp.Node) []string {
	reasons := append(ailments(top), v.Degraded...)
	if len(reasons) == 0 && v.Framework.Preferred != v.Framework.Current {
		reasons = append(reasons, fmt.Sprintf("web_framework %s is served by %s", v.Framework.Preferred, v.Framework.Current))
	}
	return reasons
}
