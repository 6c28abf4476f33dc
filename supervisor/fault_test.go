package supervisor_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/supervisor"
)

// withFault replaces a front controller by one that cannot be made while broken is set.
func withFault(fronts map[string]httpapp.Front, name string, real httpapp.Front, broken *atomic.Bool) map[string]httpapp.Front {
	fronts[name] = func(e *api.Engine, o api.FrontOptions) (http.Handler, error) {
		if broken.Load() {
			return nil, errors.New("injected: " + name + " cannot be made")
		}
		return real(e, o)
	}
	return fronts
}

// faultHeader of a request is the fault that it meets.
const faultHeader = "X-Fault"

// panicking has every request with the header panic.
func panicking(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(faultHeader) == "panic" {
			panic("injected")
		}
		next.ServeHTTP(w, r)
	})
}

// The faults of a process are files in a folder, so that they reach the processes it starts: the name of a framework that cannot
// be made, with this ending only in a worker process, and one that has the making of any framework panic.
//
// A framework with the ending whenProvoked has each request panic whose header names it. With longPeriod all
// restarts of a server count together, however long a busy machine takes for each.
const (
	inWorkers     = ".worker"
	whenProvoked  = ".panics"
	panicsAtBirth = "panics-at-birth"
	longPeriod    = "long-period"
)

// faultsOf gives a server the faults of a folder, nil for none.
func faultsOf(dir string) func(*supervisor.Options) {
	if dir == "" {
		return nil
	}
	has := func(fault string) bool {
		_, err := os.Lstat(filepath.Join(dir, fault))
		return err == nil
	}
	return func(o *supervisor.Options) {
		o.Wrap, o.Frameworks = panicking, httpapp.Frameworks()
		if has(longPeriod) {
			o.SetPeriod(time.Hour)
		}
		for name, real := range o.Frameworks {
			o.Frameworks[name] = func(e *api.Engine, f api.FrontOptions) (http.Handler, error) {
				switch {
				case has(panicsAtBirth):
					panic("injected")
				case has(name), o.Worker() && has(name+inWorkers):
					return nil, errors.New("injected: " + name + " cannot be made")
				}
				front, err := real(e, f)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get(faultHeader) == name && has(name+whenProvoked) {
						panic("injected")
					}
					front.ServeHTTP(w, r)
				}), err
			}
		}
	}
}

// fault switches a fault of the process on or off. The first one has to come before the process is started.
func (p *proc) fault(name string, on bool) {
	p.t.Helper()
	dir := p.path("faults")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	p.env = []string{withFaults + "=" + dir}
	if on {
		p.write(filepath.Join("faults", name), "")
	} else if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Fatal(err)
	}
}

// provoke sends a request that panics and returns the answer's status.
func provoke(client *http.Client, base string) int { return provokeBy(client, base, "panic") }

func provokeBy(client *http.Client, base, fault string) int {
	r, err := http.NewRequest(http.MethodGet, base+"/v2.0/networks", nil)
	if err != nil {
		return 0
	}
	r.Header.Set(faultHeader, fault)
	answer, err := client.Do(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close() // read is nothing of it
	return answer.StatusCode
}
