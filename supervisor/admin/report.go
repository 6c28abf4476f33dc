package admin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// reportMode lets the server's user and its group read reports.
const reportMode = 0o640

// DumpReport writes the report to <dir>/<service>_gurumeditation_<time>, time being UTC as 20060102150405, or to stderr when
// dir is empty. It returns the path, empty for stderr. A report that is there already, of this second, is kept: the new one's
// name gets .2, .3 and so on. When the file cannot be written, the report goes to stderr after all, and the error says why.
func DumpReport(s Subject, dir, service string, stderr io.Writer) (path string, err error) {
	return dumpReport(s, dir, service, stderr, time.Now())
}

func dumpReport(s Subject, dir, service string, stderr io.Writer, now time.Time) (string, error) {
	var report bytes.Buffer
	if err := writeReport(&report, s, now); err != nil {
		return "", err
	}
	var failed error
	if dir != "" {
		path := filepath.Join(dir, service+"_gurumeditation_"+now.UTC().Format("20060102150405"))
		if path, failed = writeNew(path, report.Bytes()); failed == nil {
			return path, nil
		}
		failed = fmt.Errorf("guru meditation report: %w", failed)
	}
	if _, err := report.WriteTo(stderr); err != nil {
		return "", fmt.Errorf("guru meditation report: %w", err)
	}
	return "", failed
}

// maxNamesakes is how many reports of one second are kept apart, those of other processes of the server included.
const maxNamesakes = 10_000

// writeNew writes a file that is not there yet: at path, or at the first free path with a number.
func writeNew(path string, content []byte) (string, error) {
	for n := 1; ; n++ {
		name := path
		if n > 1 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, reportMode)
		if errors.Is(err, fs.ErrExist) && n < maxNamesakes {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(content)
		return name, errors.Join(err, f.Close())
	}
}

// WriteReport writes the Guru Meditation Report in the layout of oslo.reports: boxed headings over Package, Threads (our
// goroutines), Processes, Actors, Failures, Pools and Configuration. Collecting the stacks stops the world for as long as it
// takes to copy them, some milliseconds for thousands of goroutines.
func WriteReport(w io.Writer, s Subject) error { return writeReport(w, s, time.Now()) }

func writeReport(w io.Writer, s Subject, now time.Time) error {
	p := &page{}
	p.heading("Guru Meditation")
	p.line(strings.Repeat("|", pageWidth))
	p.line("\n")
	p.packageSection(s.Package, now)
	p.threads()
	p.processes(os.DirFS("/proc"))
	p.actors(&s, now)
	p.failures(s.Counters)
	p.pools(s.Workers)
	p.configuration(s.Config)
	_, err := w.Write(p.Bytes())
	return err
}

// page is a report being written; writing to memory does not fail.
type page struct{ bytes.Buffer }

// The widths of oslo.reports.
const (
	pageWidth    = 72
	headingRule  = "===="
	subordinated = "------"
)

func (p *page) line(format string, values ...any) {
	if len(values) > 0 {
		format = fmt.Sprintf(format, values...)
	}
	p.WriteString(format + "\n")
}

// heading is a title in a box.
func (p *page) heading(title string) {
	rule := strings.Repeat("=", pageWidth)
	p.line(rule)
	p.line(headingRule + centred(title, pageWidth-2*len(headingRule)) + headingRule)
	p.line(rule)
}

// subheading is a title within a section.
func (p *page) subheading(title string) {
	p.line(subordinated + centred(title, pageWidth-2*len(subordinated)) + subordinated)
	p.line("")
}

// centred puts title into the middle of width; one that is too long gets a space on either side.
func centred(title string, width int) string {
	left := max((width-len(title))/2, 1)
	right := max(width-len(title)-left, 1)
	return strings.Repeat(" ", left) + title + strings.Repeat(" ", right)
}

func (p *page) packageSection(about Package, now time.Time) {
	p.heading("Package")
	p.line("product = %s", about.Product)
	p.line("vendor = %s", about.Vendor)
	p.line("version = %s", about.Version)
	p.line("go = %s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	p.line("time = %s", now.UTC().Format(time.RFC3339))
}

func (p *page) threads() {
	p.heading("Threads")
	dump, whole := stacks(maxStacks)
	for _, g := range parseStacks(dump) {
		p.subheading("Goroutine #" + g.id + " " + g.state)
		for _, f := range g.frames {
			p.line(f)
		}
		p.line("")
	}
	if !whole {
		p.line("the stacks of more goroutines than fit into %d MiB are left out\n", maxStacks>>20)
	}
}

func (p *page) actors(s *Subject, now time.Time) {
	p.heading("Actors")
	_ = Draw(p, s.tree(), now, true) // memory takes everything
	p.line("")
}

func (p *page) failures(c *Counters) {
	p.heading("Failures")
	if c == nil {
		p.line("not recorded\n")
		return
	}
	failures := c.Failures()
	for _, f := range failures {
		p.subheading(f.Path)
		p.line("%s incarnation %d: %s", f.Time.UTC().Format(time.RFC3339), f.Incarnation, f.Reason)
		p.line("%s", f.Stack)
	}
	if len(failures) == 0 {
		p.line("none\n")
	}
}

func (p *page) pools(workers Workers) {
	p.heading("Pools")
	if workers == nil {
		p.line("this server has no pools\n")
		return
	}
	for _, w := range workers.Workers() {
		p.line("%s: %s, %d handlers, %d busy, %d waiting, %d served, %d panics",
			w.Name, w.State, w.PoolSize, len(w.Busy), w.Waiting, w.Served, w.Panics)
		if w.PID != 0 {
			p.line("    process %d since %s", w.PID, w.Since.UTC().Format(time.RFC3339))
		}
		for _, pid := range w.Leaving {
			p.line("    former process %d is leaving", pid)
		}
		for _, r := range w.Busy {
			p.line("    %s: %s %s for %.1f s (%s)", r.Handler, r.Method, r.Path, r.Seconds, r.ID)
		}
	}
	p.line("")
}

// configuration lists the options by group. The group DEFAULT is written in lower case, as oslo.reports does.
func (p *page) configuration(c Config) {
	p.heading("Configuration")
	if c == nil {
		p.line("not offered\n")
		return
	}
	group := ""
	for _, o := range c.Options() {
		if o.Group != group {
			group = o.Group
			p.line("\n%s:", strings.ToLower(group))
		}
		p.line("  %s = %s", o.Name, o.Value)
	}
	p.line("")
}
