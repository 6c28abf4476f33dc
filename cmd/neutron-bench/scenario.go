package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// line is one measurement as it is printed.
type line struct {
	Scenario    string `json:"scenario"`
	Connections int    `json:"connections"`
	Bytes       int    `json:"bytes"`      // of one answer's body
	Statements  int    `json:"statements"` // that the request costs, BEGIN and COMMIT included; 0 where that is not known
	result
	Floor float64 `json:"floor_rate"` // a bare net/http server with the same statements and bytes, same run
	Ratio float64 `json:"ratio"`      // rate / floor_rate
	// Processor time of one request in microseconds, of the server's process and of the floor without the client. Unlike
	// rates they hardly depend on what else the machine does. 0 where they are not known.
	CPU      float64 `json:"cpu_us"`
	FloorCPU float64 `json:"floor_cpu_us"`
}

// growthLine compares two measurements.
type growthLine struct {
	Scenario string  `json:"scenario"`
	Small    string  `json:"small"`
	Large    string  `json:"large"`
	Growth   float64 `json:"growth"`     // how many times longer the large one takes
	CPU      float64 `json:"cpu_growth"` // and how many times more processor time
}

// scenario is one request that is sent again and again.
type scenario struct {
	name   string
	status int
	request
}

func get(name, path string) scenario {
	return scenario{name: name, status: 200, request: request{method: "GET", path: "/v2.0/" + path}}
}

func post(name string, r request) scenario { return scenario{name: name, status: 201, request: r} }

// bench is one run.
type bench struct {
	options
	*arena
	report *json.Encoder
	// mirror tells the statements of a request; nil for a server of somebody else.
	mirror *mirror
	// process is the server's, 0 for a server of somebody else.
	process int
	rates   map[string]float64
	costs   map[string]float64
}

func newBench(o options, a *arena, report *json.Encoder) *bench {
	return &bench{options: o, arena: a, report: report, rates: make(map[string]float64), costs: make(map[string]float64)}
}

// turns is how many times server and floor take turns.
const turns = 5

// run measures one scenario against the server and against its floor.
func (b *bench) run(ctx context.Context, s scenario) error {
	if !strings.Contains(s.name, b.only) {
		return nil
	}
	f, rec, err := b.floor(ctx, s)
	if err == nil {
		err = errors.Join(b.compare(s, rec, f), f.close())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// floor is the scenario's floor: with the statements of the mirror, or with none and the server's own answer.
func (b *bench) floor(ctx context.Context, s scenario) (*floor, recording, error) {
	if b.mirror == nil {
		var answer bytes.Buffer
		err := b.expect(s.request, s.status, &answer)
		if err != nil {
			return nil, recording{}, err
		}
		rec := recording{status: s.status, body: answer.Bytes()}
		f, err := newFloor(ctx, rec, nil)
		return f, rec, err
	}
	rec, err := b.mirror.record(s.request)
	if err != nil {
		return nil, rec, err
	}
	replay, err := newReplayer(ctx, b.mirror, rec)
	if err != nil {
		return nil, rec, err
	}
	var f *floor
	if err = replay.run(ctx); err == nil {
		f, err = newFloor(ctx, rec, replay)
	}
	if err != nil {
		err = errors.Join(err, replay.close())
	}
	return f, rec, err
}

func (b *bench) compare(s scenario, rec recording, f *floor) error {
	sides := [2]struct {
		addr      string
		own, they time.Duration // processor time of this process, and of the server's
		total
	}{{addr: b.addr}, {addr: f.addr}}
	for turn := range turns + 1 {
		for i := range sides {
			side := &sides[i]
			d := b.duration / turns
			if turn == 0 {
				d = b.warmup
			}
			raw := s.bytes(side.addr)
			own, they, err := b.processorTime()
			if err != nil {
				return err
			}
			t, err := load(side.addr, b.connections, d, s.status, func(int, int) []byte { return raw })
			if err != nil {
				return err
			}
			ownNow, theyNow, err := b.processorTime()
			if err != nil {
				return err
			}
			if turn > 0 {
				side.add(t)
				side.own += ownNow - own
				side.they += theyNow - they
			}
		}
	}
	server, floor := sides[0].result(), sides[1].result()
	if floor.Errors > 0 {
		return fmt.Errorf("the floor failed %d times of %d", floor.Errors, floor.Requests)
	}
	l := line{Scenario: s.name, Connections: b.connections, Bytes: len(rec.body), Statements: len(rec.statements),
		result: server, Floor: floor.Rate, Ratio: server.Rate / floor.Rate}
	if b.process != 0 {
		client := per(sides[0].own, server.Requests)
		l.CPU, l.FloorCPU = per(sides[0].they, server.Requests), max(0, per(sides[1].own, floor.Requests)-client)
	}
	b.rates[s.name], b.costs[s.name] = server.Rate, l.CPU
	return b.report.Encode(l)
}

// per is the time of one request in microseconds.
func per(all time.Duration, requests int) float64 {
	return float64(all.Microseconds()) / float64(max(1, requests))
}

// processorTime is what this process and the server's have used.
func (b *bench) processorTime() (own, they time.Duration, err error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0, err
	}
	own = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if b.process != 0 {
		they, err = timeOf(b.process)
	}
	return own, they, err
}

// grew prints how much slower large is than small, if both were measured.
func (b *bench) grew(name, small, large string) error {
	if b.rates[small] == 0 || b.rates[large] == 0 || b.costs[small] == 0 {
		return nil
	}
	return b.report.Encode(growthLine{Scenario: name, Small: small, Large: large, Growth: b.rates[small] / b.rates[large],
		CPU: b.costs[large] / b.costs[small]})
}

func (b *bench) all(ctx context.Context, scenarios ...scenario) error {
	for _, s := range scenarios {
		if err := b.run(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// measureURL runs the scenarios that need few objects against somebody else's server, and removes what they made.
func measureURL(ctx context.Context, o options, addr string, report *json.Encoder) error {
	a, err := newArena(addr)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	b := newBench(o, a, report)
	few, err := a.few()
	if err == nil {
		err = b.all(ctx, few...)
	}
	return errors.Join(err, a.clean())
}

// otherNetworks make the list of networks longer than one.
const otherNetworks = 9

// few makes a network with a port among a few others, and returns the scenarios on them.
func (a *arena) few() ([]scenario, error) {
	// The subnet has room for every port that a minute of creating can make.
	network, err := a.network("bench", "10.128.0.0/10")
	if err != nil {
		return nil, err
	}
	for i := range otherNetworks {
		if _, err := a.network(fmt.Sprintf("other-%d", i)); err != nil {
			return nil, err
		}
	}
	one, err := a.create("port", port(network))
	if err != nil {
		return nil, err
	}
	return []scenario{
		get("get-network", "networks/"+network),
		get("get-port", "ports/"+one),
		get("list-networks", "networks?project_id="+benchProject),
		post("create-port", createPort(network, 1)),
		post("create-100-ports", createPort(network, 100)),
	}, nil
}

// growthStep is what the growth measurements begin with.
const growthStep = 1000

// measure runs every scenario against the process.
func (s *server) measure(ctx context.Context, o options, report *json.Encoder) error {
	a, err := newArena(s.addr)
	if err != nil {
		return err
	}
	defer a.conn.Close()
	b := newBench(o, a, report)
	b.process = s.cmd.Process.Pid
	few, err := a.few()
	if err != nil {
		return err
	}
	if err := s.mirrored(ctx, b, "few", few...); err != nil {
		return err
	}
	return s.measureMany(ctx, b)
}

// mirrored runs scenarios with the floor of a mirror that is made for them.
func (s *server) mirrored(ctx context.Context, b *bench, name string, scenarios ...scenario) error {
	var err error
	if b.mirror, err = s.mirror(ctx, name); err != nil {
		return err
	}
	return errors.Join(b.all(ctx, scenarios...), b.mirror.close())
}

// measureMany is about lists of a thousand, and about how costs grow: a page of a hundred ports, and ports created on
// subnets that have few and many.
func (s *server) measureMany(ctx context.Context, b *bench) error {
	const groups = 200
	if err := errors.Join(b.many("network", growthStep), b.many("security_group", groups)); err != nil {
		return err
	}
	fixed, err := b.network("fixed", "10.0.0.0/16") // nobody adds to it
	small4, err4 := b.network("small-4", "10.1.0.0/16")
	small6, err6 := b.network("small-6", "2001:db8:1::/64")
	if err := errors.Join(err, err4, err6); err != nil {
		return err
	}
	if err := errors.Join(b.fill(fixed, growthStep), b.fill(small4, growthStep), b.fill(small6, growthStep)); err != nil {
		return err
	}
	page := "ports?limit=100&network_id=" + fixed
	err = s.mirrored(ctx, b, "many",
		get("list-1000-networks", "networks?limit=1000"),
		get("list-1000-ports", "ports?limit=1000&network_id="+fixed),
		get("list-200-security-groups", "security-groups?limit=200"),
		get("page-of-a-network", page),
		get("page-of-100-ports", "ports?limit=100"),
		post("create-port-in-16", createPort(small4, 1)),
		post("create-port-in-64", createPort(small6, 1)))
	if err != nil || b.ports == 0 {
		return err
	}
	return s.measureGrowth(ctx, b, page)
}

// taken is how many addresses of the crowded subnets are taken, at most.
const taken = 60_000

func (s *server) measureGrowth(ctx context.Context, b *bench, page string) error {
	large4, err4 := b.network("large-4", "10.2.0.0/16")
	large6, err6 := b.network("large-6", "2001:db8:2::/64")
	if err := errors.Join(err4, err6); err != nil {
		return err
	}
	began := time.Now()
	n := min(taken, b.ports/2)
	if err := errors.Join(b.fill(large4, n), b.fill(large6, b.ports-n)); err != nil {
		return err
	}
	took := time.Since(began)
	if err := b.report.Encode(fillLine{Scenario: "fill", Ports: b.ports, Seconds: took.Seconds()}); err != nil {
		return err
	}
	err := s.mirrored(ctx, b, "large",
		get("page-of-a-network-large", page),
		get("page-of-100-ports-large", "ports?limit=100"),
		post("create-port-in-16-large", createPort(large4, 1)),
		post("create-port-in-64-large", createPort(large6, 1)))
	for _, name := range []string{"page-of-a-network", "page-of-100-ports", "create-port-in-16", "create-port-in-64"} {
		err = errors.Join(err, b.grew("growth-"+name, name, name+"-large"))
	}
	return err
}

// fillLine is how long it took to store the ports.
type fillLine struct {
	Scenario string  `json:"scenario"`
	Ports    int     `json:"ports"`
	Seconds  float64 `json:"seconds"`
}
