package supervisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/actors"
	"github.com/seed-a8f20362/hadron/actors/listen"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// severity of a finding.
type severity string

const (
	errorFinding   severity = "error"
	warningFinding severity = "warning"
	infoFinding    severity = "info"
)

// finding is one line of --check.
type finding struct {
	place    string // file:line, or what stands for it where there is no file
	severity severity
	text     string
}

// Check does everything that a boot does short of touching sockets, files and databases of the machine: it reads the
// configuration and the paste file, and builds both front controllers on a database in memory. Each finding is printed as
// file:line: severity: text. The result is the exit status: 1 when a boot would fail.
func Check(ctx context.Context, source conf.Source, stdout, stderr io.Writer) int {
	snapshot, err := conf.Load(source)
	if e, ok := errors.AsType[*conf.Error](err); ok && e.Usage == "" {
		return report(problems(e), stdout)
	}
	if err != nil {
		return conf.Finish(err, stdout, stderr)
	}
	return report(inspect(ctx, source, snapshot), stdout)
}

func report(found []finding, out io.Writer) int {
	status := 0
	slices.SortStableFunc(found, func(a, b finding) int {
		fileA, lineA := a.position()
		fileB, lineB := b.position()
		return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(lineA, lineB))
	})
	for _, f := range found {
		fmt.Fprintf(out, "%s: %s: %s\n", f.place, f.severity, f.text)
		if f.severity == errorFinding {
			status = 1
		}
	}
	if status == 0 {
		fmt.Fprintln(out, "the configuration can be used")
	}
	return status
}

// position takes the place apart. What has no file sorts first, for the slash that file names begin with is put behind.
func (f finding) position() (file string, line int) {
	at := strings.LastIndexByte(f.place, ':')
	if !strings.HasPrefix(f.place, "/") || at < 0 {
		return "", 0
	}
	line, _ = strconv.Atoi(f.place[at+1:])
	return f.place[:at], line
}

func problems(e *conf.Error) []finding {
	var found []finding
	for _, p := range e.Problems {
		found = append(found, finding{placeOf(p.File, p.Line), errorFinding, p.Text})
	}
	return found
}

func warned(w conf.Warning, s severity) finding { return finding{placeOf(w.File, w.Line), s, w.Text} }

func placeOf(file string, line int) string {
	if file == "" {
		return "command line"
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// inspect looks at a configuration that could be read.
func inspect(ctx context.Context, source conf.Source, snapshot *conf.Snapshot) []finding {
	var found []finding
	for _, w := range snapshot.Warnings() {
		found = append(found, warned(w, warningFinding))
	}
	for _, o := range snapshot.WithoutEffect() {
		severity := infoFinding
		if o.Why.Pending() {
			severity = warningFinding
		}
		found = append(found, warned(o.Warning, severity))
	}
	fail := func(err error) {
		found = append(found, split(err)...)
	}
	if err := checkLog(snapshot, source.Prog); err != nil {
		fail(err)
	}
	if snapshot.Bool(conf.UseSSL) {
		if _, err := listen.LoadKeypair(tlsOptions(snapshot)); err != nil {
			fail(fmt.Errorf("%s: %w", snapshot.Origin(conf.UseSSL), err))
		}
	}
	if url, err := databaseURL(snapshot); err != nil {
		fail(err)
	} else if snapshot.Text(conf.WorkerIsolation) == isolationProcess && store.InMemory(url) {
		fail(fmt.Errorf("%s: %w", snapshot.Origin(conf.WorkerIsolation), errSharedMemory))
	}
	if m, err := actors.NewMessaging(actors.NewMessagingOptions(snapshot, zerolog.Nop())); err != nil {
		fail(fmt.Errorf("%s: %w", snapshot.Origin(conf.TransportURL), err))
	} else if err := m.Degraded(); err != nil {
		found = append(found, finding{snapshot.Origin(conf.TransportURL).String(), warningFinding, err.Error()})
	}
	description, err := (&Server{options: Options{Source: source}}).describe(snapshot)
	if err != nil {
		fail(err)
		return found
	}
	for _, w := range description.Warnings {
		found = append(found, finding{w.Pos.String(), warningFinding, w.Text})
	}
	_, odd, _ := httpapp.Policies(snapshot) // what is wrong comes out when the application is built
	for _, w := range odd {
		found = append(found, finding{placeOf(w.File, w.Line), warningFinding, w.Text})
	}
	if err := tryBuild(ctx, snapshot, description); err != nil {
		fail(err)
	}
	return found
}

// tryBuild makes the applications that a boot would make, on a database in memory.
func tryBuild(ctx context.Context, snapshot *conf.Snapshot, d *paste.Description) error {
	db, err := store.Open(ctx, store.Options{URL: "sqlite://"})
	if err != nil {
		return err
	}
	err = httpapp.Prepare(ctx, snapshot, db)
	if err == nil {
		quiet := httpapp.Options{DB: db, Logger: func(string) zerolog.Logger { return zerolog.Nop() }}
		_, err = httpapp.New(snapshot, d, snapshot.Text(conf.WebFramework), quiet)
	}
	return errors.Join(err, db.Close())
}

// split makes a finding of every line of an error that begins with a place.
func split(err error) []finding {
	var found []finding
	for line := range strings.SplitSeq(err.Error(), "\n") {
		place, text, ok := strings.Cut(line, ": ")
		if !ok || !strings.Contains(place, ":") {
			place, text = "configuration", line
		}
		found = append(found, finding{place, errorFinding, text})
	}
	return found
}
