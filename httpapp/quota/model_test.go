package quota_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// model is what the engine should know about networks. The default limit is 2.
type model struct {
	limit    map[string]int
	has      map[string]int
	reserved []reservation
}

type reservation struct {
	project string
	n       int
	until   time.Time
}

func (m *model) limitOf(project string) int {
	if l, ok := m.limit[project]; ok {
		return l
	}
	return 2
}

func (m *model) used(project string, at time.Time) int {
	n := m.has[project]
	for _, r := range m.reserved {
		if r.project == project && !r.until.Before(at) {
			n += r.n
		}
	}
	return n
}

// fits reports whether one more network for each of projects is allowed.
func (m *model) fits(projects []string, at time.Time) bool {
	more := map[string]int{}
	for _, p := range projects {
		more[p]++
	}
	for p, n := range more {
		if l := m.limitOf(p); l >= 0 && m.used(p, at)+n > l {
			return false
		}
	}
	return true
}

// TestEngineAndModelAgree runs random sequences of creates, deletes, changes of limits and reservations of others.
func TestEngineAndModelAgree(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	rapid.Check(t, func(r *rapid.T) {
		w.exec(`DELETE FROM networks`, `DELETE FROM quotas`, `DELETE FROM reservations`)
		m := &model{limit: map[string]int{}, has: map[string]int{}}
		project := rapid.SampledFrom([]string{"a", "b", ""})
		r.Repeat(map[string]func(*rapid.T){
			"create": func(r *rapid.T) {
				projects := rapid.SliceOfN(project, 1, 4).Draw(r, "projects")
				err := w.networks(projects...)
				if fits := m.fits(projects, w.now); fits != (err == nil) || err != nil && err.Error() != overNetworks {
					r.Fatalf("%q: got %v, want it to fit: %t (%+v)", projects, err, fits, m)
				}
				for _, p := range projects {
					if err == nil {
						m.has[p]++
					}
				}
			},
			"delete": func(r *rapid.T) {
				p := project.Draw(r, "project")
				w.exec(`DELETE FROM networks WHERE id = (SELECT min(id) FROM networks WHERE project_id = '` + p + `')`)
				m.has[p] = max(0, m.has[p]-1)
			},
			"limit": func(r *rapid.T) {
				p, n, force := project.Draw(r, "project"), rapid.IntRange(-1, 6).Draw(r, "limit"), rapid.Bool().Draw(r, "force")
				answer := w.ask(w.Update, admin, limits("network", n, "force", force), p)
				if want := force || n < 0 || m.used(p, w.now) <= n; want != strings.HasPrefix(answer, "{") {
					r.Fatalf("limit %d of %q: %s (%+v)", n, p, answer, m)
				} else if want {
					m.limit[p] = n
				}
			},
			"reset": func(r *rapid.T) {
				p := project.Draw(r, "project")
				_, there := m.limit[p]
				if answer := w.ask(w.Delete, admin, nil, p); there != (answer == "") {
					r.Fatalf("delete the limits of %q: %s", p, answer)
				}
				delete(m.limit, p)
			},
			"reserve": func(r *rapid.T) {
				v := reservation{project.Draw(r, "project"), rapid.IntRange(0, 3).Draw(r, "n"), w.now.Add(time.Duration(rapid.IntRange(0, 5).Draw(r, "seconds")) * time.Second)}
				id := len(m.reserved)
				w.exec(fmt.Sprintf(`INSERT INTO reservations (id, project_id, expiration) VALUES ('%d', '%s', '%s')`, id, v.project, store.FormatTime(v.until)),
					fmt.Sprintf(`INSERT INTO resourcedeltas (resource, reservation_id, amount) VALUES ('network', '%d', %d)`, id, v.n))
				m.reserved = append(m.reserved, v)
			},
			"wait": func(*rapid.T) { w.now = w.now.Add(time.Second) },
			"": func(r *rapid.T) {
				for _, p := range []string{"a", "b", ""} {
					want := fmt.Sprintf(`{"quota":{"network":{"limit":%d,"used":%d,"reserved":%d}`, m.limitOf(p), m.has[p], m.used(p, w.now)-m.has[p])
					if got := w.ask(w.Details, admin, nil, p); !strings.HasPrefix(got, want) {
						r.Fatalf("details of %q: got %s, want %s", p, got, want)
					}
				}
			},
		})
	})
}
