package supervisor_test

import (
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/api"
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
