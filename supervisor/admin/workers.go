package admin

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// ErrUnderWay is what an Upgrader and a Replacer wrap when they are at it already.
var ErrUnderWay = errors.New("is under way already")

// Workers shows and resizes what serves requests.
type Workers interface {
	Workers() []Worker
	Resize(ctx context.Context, r Resize) error
}

// Worker is one worker and its pool of handlers.
type Worker struct {
	Name  string `json:"name"`
	State string `json:"state"`
	// PID is the worker's process; 0 for a worker that is an actor of the server's own process, and for one whose process is
	// not there.
	PID int `json:"pid,omitempty"`
	// Since is when the worker, or its process, was started; zero when it is not running.
	Since time.Time `json:"since,omitzero"`
	// Leaving has the pids of former processes that still finish what they have begun.
	Leaving  []int `json:"leaving,omitempty"`
	PoolSize int   `json:"pool_size"`
	// Waiting counts requests that wait for a free handler.
	Waiting int `json:"waiting"`
	// Served and Panics count requests since the worker started.
	Served uint64 `json:"served"`
	Panics uint64 `json:"panics"`
	// Busy has the requests that are being handled.
	Busy []Request `json:"busy"`
}

// Request is one that is being handled.
type Request struct {
	Handler string `json:"handler"`
	ID      string `json:"request_id"`
	Method  string `json:"method"`
	// Path is without the query, which may hold anything.
	Path string `json:"path"`
	// Seconds is how long it has been handled so far.
	Seconds float64 `json:"seconds"`
}

// Resize is a wish for another number of workers, or handlers per worker; zero leaves as it is.
type Resize struct {
	Count    int `json:"count,omitempty"`
	PoolSize int `json:"pool_size,omitempty"`
}

// Replacer gives every worker process a successor, one by one: the new process serves before the old one is told to go. The
// first failure ends it; the replacements made so far are returned with the error, and the workers after it keep their
// processes. The end of ctx comes when whoever asked has gone: a process that is not ready by then is given up.
type Replacer interface {
	Replace(ctx context.Context) ([]Replacement, error)
}

// Replacement is a worker's change of processes.
type Replacement struct {
	// Name is that of the worker.
	Name string `json:"name"`
	// Old and New are pids. Old may still be finishing what it has begun.
	Old int `json:"old"`
	New int `json:"new"`
}

// Upgrader starts a new process of the program, which may be another version by now, and has it take over. It returns the pid
// when the new process serves, at the latest when this one begins to leave: the admin side then has a second to pass the
// answer on. On an error nothing has changed. The end of ctx comes when whoever asked has gone: a process that is not ready by
// then is given up.
type Upgrader interface {
	Upgrade(ctx context.Context) (pid int, err error)
}

// Upgraded is the answer to POST /upgrade.
type Upgraded struct {
	PID int `json:"pid"`
}

func (h *handler) postUpgrade(w http.ResponseWriter, r *http.Request) {
	pid, err := h.subject.Upgrader.Upgrade(r.Context())
	if err != nil {
		refuse(w, failure(err), err.Error())
		return
	}
	answer(w, http.StatusOK, Upgraded{PID: pid})
}

// Replaced is the answer to POST /workers/replace, whatever its status.
type Replaced struct {
	Replaced []Replacement `json:"replaced"`
	// Error is why not all were replaced.
	Error string `json:"error,omitempty"`
}

func (h *handler) postReplace(w http.ResponseWriter, r *http.Request) {
	made, err := h.subject.Replacer.Replace(r.Context())
	body, status := Replaced{Replaced: append([]Replacement{}, made...)}, http.StatusOK
	if err != nil {
		body.Error, status = err.Error(), failure(err)
	}
	answer(w, status, body)
}

// failure is the status for what did not come about.
func failure(err error) int {
	if errors.Is(err, ErrUnderWay) {
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}
