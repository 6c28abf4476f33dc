package otp_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

var (
	errInit     = errors.New("cannot start")
	errForgiven = errors.New("not its fault")
)

// modelRandom is what the jitter of a modelled tree is made from.
const modelRandom = 0.25

// plan is what a model and the real child are told alike.
type plan struct {
	id       string
	restart  otp.Restart
	shutdown time.Duration
	backoff  otp.Backoff
	forgives bool   // errForgiven
	faults   string // digits: incarnations that cannot start
	broken   string // the alternative with which it cannot start

	strategy     otp.Strategy // nil for a worker
	dynamic      bool
	alternatives []string
	limit        int
	period       time.Duration
	children     []*plan // of a dynamic one: the template
	instances    int
}

func (p *plan) fails(n int, alternative string) bool {
	return strings.Contains(p.faults, fmt.Sprint(n)) || p.broken != "" && p.broken == alternative
}

// planner draws plans.
type planner struct {
	*rapid.T
	drawn    int  // children so far
	template bool // in one, where alternatives are forbidden
}

func pick[T any](t *planner, what string, from ...T) T {
	return rapid.SampledFrom(from).Draw(t.T, what)
}

func (t *planner) supervisor(id string, depth int) *plan {
	p := t.child(id)
	p.shutdown = pick(t, id+" shutdown", 0, 0, otp.Infinity, time.Second+time.Duration(t.drawn)*time.Microsecond+1)
	p.strategy = pick[otp.Strategy](t, id+" strategy", otp.OneForOne, otp.OneForAll, otp.RestForOne, nextToo{}, otp.SimpleOneForOne)
	p.dynamic = p.strategy == otp.SimpleOneForOne
	p.limit = pick(t, id+" intensity", 0, 1, 2, 3, 5)
	p.period = pick(t, id+" period", 1, 2, 5, time.Duration(60)) * time.Second
	if !t.template && pick(t, id+" alternates", false, false, true) {
		p.alternatives = []string{"first", "second", "third"}[:pick(t, id+" alternatives", 1, 2, 3)]
	}
	n := pick(t, id+" children", 1, 2, 3, 4)
	if p.dynamic {
		p.instances, n = n-1, 1
	}
	outer := t.template
	t.template = outer || p.dynamic
	defer func() { t.template = outer }()
	for i := range n {
		p.children = append(p.children, t.below(p, fmt.Sprintf("%s%d", id, i), depth-1))
	}
	return p
}

func (t *planner) below(parent *plan, id string, depth int) *plan {
	if depth > 0 && pick(t, "nested", false, false, true) {
		return t.supervisor(id, depth)
	}
	p := t.child(id)
	p.faults = pick(t, id+" faults", "", "", "", "", "", "2", "23", "3", "456", "1")
	if len(parent.alternatives) > 0 {
		p.broken = pick(t, id+" broken", append([]string{"", "", ""}, parent.alternatives...)...)
	}
	p.shutdown = pick(t, id+" shutdown", 0, otp.Brutal, otp.Infinity, time.Duration(1+t.drawn)*time.Second)
	return p
}

// child draws what all children have. No two back-offs end at the same moment, so that their order is known.
func (t *planner) child(id string) *plan {
	t.drawn++
	p := &plan{id: id, forgives: pick(t, id+" forgives", false, false, true),
		restart: pick(t, id+" restart", otp.Permanent, otp.Permanent, otp.Transient, otp.Temporary)}
	if pick(t, id+" backs off", false, false, true) {
		odd := time.Duration(1+2*t.drawn*t.drawn) * time.Microsecond
		p.backoff = otp.Backoff{Min: pick(t, id+" min", 100, time.Duration(900))*time.Millisecond + odd,
			Max: pick(t, id+" max", 0, 500*time.Millisecond, 10*time.Second), Jitter: pick(t, id+" jitter", 0, 0.5)}
	}
	return p
}

// model makes the model of a planned child, and of what is below it.
func (p *plan) model(w *world, parent *model) *model {
	m := &model{plan: p, world: w, parent: parent}
	if p.dynamic {
		w.dynamic = append(w.dynamic, m.path())
	}
	for _, c := range p.initial() {
		m.spec = append(m.spec, c.model(w, m))
	}
	return m
}

// initial are the children that start with a supervisor.
func (p *plan) initial() []*plan {
	if !p.dynamic {
		return p.children
	}
	var out []*plan
	for i := range p.instances {
		out = append(out, p.instance(fmt.Sprintf("%s-%d", p.children[0].id, i+1)))
	}
	return out
}

func (p *plan) instance(id string) *plan {
	c := *p.children[0]
	c.id = id
	return &c
}

// toSpec is what the real supervisor is told.
func (p *plan) toSpec(l *lab) otp.Spec {
	spec := otp.Spec{Strategy: p.strategy, Intensity: p.limit, Period: p.period, Instances: p.instances}
	if len(p.alternatives) > 0 {
		spec.Strategy = otp.NewAlternatives(p.strategy, p.alternatives[0], slices.Clone(p.alternatives[1:])...)
	}
	if p.limit == 0 {
		spec.Intensity = otp.NoRestarts
	}
	for _, c := range p.children {
		spec.Children = append(spec.Children, c.toChildSpec(l))
	}
	return spec
}

func (p *plan) toChildSpec(l *lab) otp.ChildSpec {
	spec := otp.ChildSpec{ID: p.id, Restart: p.restart, Shutdown: p.shutdown, Backoff: p.backoff}
	if p.forgives {
		spec.Forgive = func(reason error) bool { return errors.Is(reason, errForgiven) }
	}
	if p.strategy == nil {
		spec.New = func(inc otp.Incarnation) otp.Child { return &puppet{probe: &probe{lab: l}, plan: p, inc: inc} }
	} else {
		sup := p.toSpec(l)
		spec.Sup = &sup
	}
	return spec
}

// puppet is a worker that follows its plan.
type puppet struct {
	*probe
	plan *plan
	inc  otp.Incarnation
}

func (p *puppet) Init(ctx otp.Context) error {
	p.probe.ctx = ctx
	if p.plan.fails(p.inc.N, p.inc.Alternative) {
		p.lab.note("fail %s#%d", p.inc.Path, p.inc.N)
		return errInit
	}
	p.lab.note("init %s#%d", p.inc.Path, p.inc.N)
	return nil
}

func (p *puppet) Terminate(error) { p.lab.note("term %s#%d", p.inc.Path, p.inc.N) }
