package admin

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

func (h *handler) getTree(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	switch format := query.Get("format"); format {
	case "", "json":
		answer(w, http.StatusOK, h.subject.tree())
	case "text":
		all, err := strconv.ParseBool(query.Get("all"))
		if err != nil && query.Has("all") {
			refuse(w, http.StatusBadRequest, "all is neither true nor false: "+query.Get("all"))
			return
		}
		text(w)
		_ = Draw(w, h.subject.tree(), time.Now(), all) // who asked is gone if this fails
	default:
		refuse(w, http.StatusBadRequest, "format is neither json nor text: "+format)
	}
}

// getAlive answers who would restart the process if there were no answer. It takes a snapshot of the tree, so that a tree
// whose lock is never released counts as dead.
func (h *handler) getAlive(w http.ResponseWriter, _ *http.Request) {
	if state := h.subject.Tree.Tree().State; state == otp.StateStopped {
		refuse(w, http.StatusServiceUnavailable, "the supervision tree has ended")
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "alive"})
}

// getReady answers who would send requests. A degraded server serves them, so it is ready, and says what is wrong.
func (h *handler) getReady(w http.ResponseWriter, _ *http.Request) {
	health := h.subject.health()
	status := http.StatusOK
	if !health.Ready {
		status = http.StatusServiceUnavailable
	}
	answer(w, status, health.Readiness)
}

func (h *handler) getHealth(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, h.subject.health())
}

func (h *handler) getLevels(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, h.subject.Levels.LogLevels())
}

func (h *handler) getWorkers(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, h.workers())
}

// workers is never nil, and neither are the requests of a worker: a list that is empty is one in JSON too.
func (h *handler) workers() []Worker {
	workers := append([]Worker{}, h.subject.Workers.Workers()...)
	for i := range workers {
		workers[i].Busy = append([]Request{}, workers[i].Busy...)
	}
	return workers
}

func (h *handler) getFailures(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, h.subject.Counters.Failures())
}

func (h *handler) getCounts(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, CountsOf(h.subject.Requests, h.subject.HookFailures))
}

func (h *handler) getConfig(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, append([]Option{}, h.subject.Config.Options()...))
}

func (h *handler) getReport(w http.ResponseWriter, _ *http.Request) {
	var report bytes.Buffer
	if err := WriteReport(&report, *h.subject); err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	text(w)
	_, _ = report.WriteTo(w) // who asked is gone if this fails
}
