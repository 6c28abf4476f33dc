package conf

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The comparison with the real oslo.config. The generator makes configurations of everything the dialect has; both sides
// read them; whatever differs must be among the deliberate differences. The dialect is that of OpenStack 2026.1: the cases in
// testdata are recorded from its oslo.config (10.7, on Python 3.14) and are always compared; where an older one is installed it
// is compared, too, and may differ by what later releases have changed.
var (
	recordOracle = flag.Bool("record", false, "write testdata/oracle.jsonl.gz anew, from the oslo.config installed here")
	oracleSeed   = flag.Uint64("oracle.seed", 1, "seed of the generated configurations")
	oracleCases  = flag.Int("oracle.cases", 2000, "number of generated configurations")
	oraclePython = flag.String("oracle.python", "/usr/bin/python3", "interpreter that has oslo.config")
)

const (
	oracleRecord    = "testdata/oracle.jsonl.gz"
	shownMismatches = 20
)

// oracleAnswer is what the other side makes of a case.
type oracleAnswer struct {
	Exit     *int                   `json:"exit,omitempty"` // it ended by itself
	Stdout   string                 `json:"stdout,omitempty"`
	Stderr   string                 `json:"stderr,omitempty"` // without the usage
	Error    string                 `json:"error,omitempty"`
	Class    string                 `json:"class,omitempty"`
	Values   map[string]oracleValue `json:"values,omitempty"`
	NoFile   bool                   `json:"no_file,omitempty"`
	Find     map[string]*string     `json:"find,omitempty"`
	Dump     []string               `json:"dump,omitempty"`
	Warnings []string               `json:"warnings"`
}

type oracleValue struct {
	Value string `json:"value,omitempty"` // as repr writes it
	Error string `json:"error,omitempty"`
	Class string `json:"class,omitempty"`
}

type oracleLine struct {
	Case   oracleCase   `json:"case"`
	Answer oracleAnswer `json:"answer"`
}

func TestDialectIsThatOfOsloConfig(t *testing.T) {
	t.Parallel()
	if err := exec.Command(*oraclePython, "-c", "import oslo_config.cfg").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("python3-oslo.config is not installed: %v", err)
		}
		t.Skip("python3-oslo.config is not installed; the recorded cases are compared in any case")
	}
	who, lines := askOracle(t, oracleSuite(*oracleSeed, *oracleCases))
	t.Logf("oslo.config %s on Python %d.%d", who.OsloConfig, who.Python[0], who.Python[1])
	known := deliberateDifferences()
	if who.older() {
		known = append(known, laterChanges()...)
	}
	compareAll(t, lines, known)
	if *recordOracle {
		if who.older() {
			t.Fatalf("oslo.config %s is not to be recorded: it is not that of 2026.1", who.OsloConfig)
		}
		writeRecord(t, lines)
	}
}

// oracle is who answers.
type oracle struct {
	OsloConfig string `json:"oslo_config"`
	Python     [2]int `json:"python"`
}

// older reports whether the other side is of a release before 2026.1, or on a Python before 3.14.
func (o oracle) older() bool {
	major, _, _ := strings.Cut(o.OsloConfig, ".")
	return len(major) < 2 || o.Python[1] < 14
}

func TestDialectIsThatOfOsloConfigAsRecorded(t *testing.T) {
	t.Parallel()
	if *recordOracle {
		t.Skip("being recorded")
	}
	used := compareAll(t, readRecord(t), deliberateDifferences())
	for _, known := range deliberateDifferences() {
		if used[known.name] == 0 {
			t.Errorf("nothing differs as %q says", known.name)
		}
	}
}

// compareAll returns how often each deliberate difference was met.
func compareAll(t *testing.T, lines []oracleLine, known []deliberateDifference) map[string]int {
	t.Helper()
	used := map[string]int{}
	same, wrong := 0, 0
	for n, line := range lines {
		differences := compareOracle(line)
		if len(differences) == 0 {
			same++
		}
		for _, d := range differences {
			name := deliberate(known, line, d)
			used[name]++
			if name != "" {
				continue
			}
			if wrong++; wrong <= shownMismatches {
				text, _ := json.Marshal(line.Case)
				t.Errorf("case %d: %s:\nours   %s\ntheirs %s\n%s", n, d.what, d.ours, d.theirs, text)
			}
		}
	}
	t.Logf("%d configurations, %d read alike in all; unexplained differences: %d", len(lines), same, wrong)
	for _, k := range known {
		t.Logf("%4d times %s: %s", used[k.name], k.name, k.reason)
	}
	return used
}

// askOracle has one process answer all cases.
func askOracle(t *testing.T, cases []oracleCase) (oracle, []oracleLine) {
	t.Helper()
	cmd := exec.Command(*oraclePython, "testdata/oracle.py")
	// A set of strings is in any order; with this seed that of the schemes of a URI is the alphabet's.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", "PYTHONHASHSEED=1"}
	var trouble strings.Builder
	cmd.Stderr = &trouble
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() { sent <- sendCases(in, cases) }()
	who, lines, err := readAnswers(out, cases)
	if err := errors.Join(err, <-sent, cmd.Wait()); err != nil {
		t.Fatalf("%v\n%s", err, trouble.String())
	}
	return who, lines
}

func sendCases(in io.WriteCloser, cases []oracleCase) error {
	defer in.Close()
	enc := json.NewEncoder(in)
	if err := enc.Encode(toldOptions()); err != nil {
		return err
	}
	for _, c := range cases {
		if err := enc.Encode(c); err != nil {
			return err
		}
	}
	return nil
}

func readAnswers(out io.Reader, cases []oracleCase) (who oracle, lines []oracleLine, err error) {
	dec := json.NewDecoder(out)
	if err := dec.Decode(&who); err != nil {
		return who, nil, fmt.Errorf("who answers: %w", err)
	}
	for n, c := range cases {
		line := oracleLine{Case: c}
		if err := dec.Decode(&line.Answer); err != nil {
			return who, nil, fmt.Errorf("answer %d: %w", n, err)
		}
		lines = append(lines, line)
	}
	return who, lines, nil
}

func writeRecord(t *testing.T, lines []oracleLine) {
	t.Helper()
	f, err := os.Create(oracleRecord)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(z)
	for _, line := range lines {
		if err := enc.Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func readRecord(t *testing.T) []oracleLine {
	t.Helper()
	f, err := os.Open(oracleRecord)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	var lines []oracleLine
	for dec := json.NewDecoder(z); ; {
		var line oracleLine
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		t.Fatal("nothing is recorded")
	}
	return lines
}
