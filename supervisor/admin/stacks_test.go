package admin

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestStacksAreParsed(t *testing.T) {
	t.Parallel()
	dump := `goroutine 1 [chan receive, 5 minutes]:
main.(*T).wait(0xc000012345, {0x1, 0x2})
	/src/t.go:12 +0x1d
main.main()
	/src/main.go:7

goroutine 7 gp=0xc000 m=nil [running]:
panic({0x5a, 0x6b})
	/go/src/runtime/panic.go:787 +0x132
...additional frames elided...
created by main.main in goroutine 1
	/src/main.go:5 +0x3f
`
	want := []goroutine{
		{id: "1", state: "[chan receive, 5 minutes]", frames: []string{"/src/t.go:12 in main.(*T).wait", "/src/main.go:7 in main.main"}},
		{id: "7", state: "gp=0xc000 m=nil [running]", frames: []string{
			"/go/src/runtime/panic.go:787 in panic", "...additional frames elided...", "/src/main.go:5 created by main.main in goroutine 1",
		}},
	}
	if diff := cmp.Diff(want, parseStacks(dump), cmp.AllowUnexported(goroutine{})); diff != "" {
		t.Errorf("goroutines (-want +got):\n%s", diff)
	}
}

func TestAnythingCanBeParsed(t *testing.T) {
	t.Parallel()
	for _, dump := range []string{"", "\n\n", "nonsense", "goroutine", "goroutine 1 [running]:\n\t/only/a/place.go:1", "a\n\n\n\tb\n)("} {
		var seen []string
		for _, g := range parseStacks(dump) {
			seen = append(append(seen, g.id, g.state), g.frames...)
		}
		for word := range strings.FieldsSeq(dump) {
			if word != "goroutine" && !strings.Contains(strings.Join(seen, " "), strings.TrimSuffix(word, ":")) {
				t.Errorf("%q: %q is lost in %q", dump, word, seen)
			}
		}
	}
}

func TestADumpThatIsTooLongIsCut(t *testing.T) {
	t.Parallel()
	if dump, whole := stacks(100); whole || len(dump) != 100 {
		t.Errorf("%d bytes, whole %t", len(dump), whole)
	}
	dump, whole := stacks(maxStacks)
	if _, file, _, _ := runtime.Caller(0); !whole || !strings.Contains(dump, file) {
		t.Errorf("the dump of %d bytes is whole: %t", len(dump), whole)
	}
}

func TestProcessesAreATree(t *testing.T) {
	t.Parallel()
	stat := func(line string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(line)} }
	self := strconv.Itoa(os.Getpid())
	proc := fstest.MapFS{
		self + "/stat":    stat(self + " (neutron-server) S 1 0 0"),
		"2000001/stat":    stat("2000001 (neutron) x) R " + self + " 0"),
		"2000002/stat":    stat("2000002 (worker) Z 2000001 0"),
		"2000003/stat":    stat("2000003 (somebody else) S 1 0"),
		"2000004/stat":    stat("2000004 (garbled"),
		"2000005/cmdline": stat("no stat"),
		"meminfo":         stat("no process"),
	}
	var p page
	p.processes(proc)
	_, got, _ := strings.Cut(p.String(), "Processes")
	_, got, _ = strings.Cut(got, "\n")
	_, got, _ = strings.Cut(got, "\n")
	want := "Process " + self + " (under 1) [ run by: unknown, state: sleeping ]\n" +
		"    Process 2000001 (under " + self + ") [ run by: unknown, state: running ]\n" +
		"        Process 2000002 (under 2000001) [ run by: unknown, state: zombie ]\n\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("processes (-want +got):\n%s", diff)
	}
}

func TestWithoutProcTheReportGoesOn(t *testing.T) {
	t.Parallel()
	var p page
	p.processes(os.DirFS("/nonexistent"))
	if !strings.Contains(p.String(), "cannot be listed: ") {
		t.Error(p.String())
	}
}
