package supervisor

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// outdated are the worker processes that have kept the configuration from before a reload, because they could not be replaced. A
// worker is one of them until it is replaced or dies: whatever is started has the configuration in force. It is safe for
// concurrent use.
type outdated struct {
	mu  sync.Mutex
	why map[string]string // guarded by mu; by path
}

// settle notes how the replacement of the children of one supervisor went: before is who there was, made are those that were
// replaced, and err is why it ended there. A worker that was started meanwhile is a new one, too.
func (o *outdated) settle(root *otp.Root, before []otp.Node, made []process.Replacement, err error) {
	o.mu.Lock() // observe comes behind: what it hears of after this look at the tree is still taken off
	defer o.mu.Unlock()
	replaced := make(map[string]bool, len(made))
	for _, r := range made {
		replaced[r.Path] = true
	}
	for _, was := range before {
		delete(o.why, was.Path)
		now, gone := root.Node(was.Path)
		if err == nil || replaced[was.Path] || gone != nil || now.Incarnation != was.Incarnation {
			continue
		}
		if o.why == nil {
			o.why = make(map[string]string)
		}
		o.why[was.Path] = err.Error()
	}
}

// observe takes off the list what has ended.
func (o *outdated) observe(e otp.Event) {
	if e.Type != otp.EventStopped && e.Type != otp.EventLeaked {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.why, e.Path)
}

// reasons says for people who they are, those with the same reason together.
func (o *outdated) reasons() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	names := make(map[string][]string)
	for _, p := range slices.Sorted(maps.Keys(o.why)) {
		names[o.why[p]] = append(names[o.why[p]], path.Base(p))
	}
	var reasons []string
	for _, why := range slices.Sorted(maps.Keys(names)) {
		reasons = append(reasons, fmt.Sprintf("%s: the configuration from before the last reload (%s)", strings.Join(names[why], ", "), why))
	}
	return reasons
}
