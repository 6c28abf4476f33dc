package logging

import (
	"bytes"
	"io"
	"sync"
)

// TB is the part of testing.TB that ForTest needs; the daemon shall not link package testing.
type TB interface {
	Cleanup(func())
	Fatalf(format string, args ...any)
	Log(args ...any)
}

// ForTest returns a Log that prints every record, from DEBUG on, through t.Log. Records that come after the test has ended are
// dropped, where t.Log would panic: goroutines may outlive the test that started them by a moment.
func ForTest(t TB) *Log {
	out := &testOutput{t: t}
	cfg := Defaults()
	cfg.Debug = true
	cfg.DefaultLevels = nil
	cfg.Output = out
	l, err := Open(cfg)
	if err != nil {
		t.Fatalf("open log for test: %v", err)
	}
	t.Cleanup(out.end)
	return l
}

// testOutput is a test's log while the test runs.
type testOutput struct {
	mu sync.Mutex // guards t, and keeps the test from ending within a t.Log
	t  TB
}

func (o *testOutput) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.t != nil {
		o.t.Log(string(bytes.TrimSuffix(line, []byte{'\n'})))
	}
	return len(line), nil
}

func (o *testOutput) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.t = nil
}

// Discard returns a Log that prints nothing.
func Discard() *Log {
	cfg := Defaults()
	cfg.DefaultLevels = []string{"root=CRITICAL"}
	cfg.Output = io.Discard
	l, err := Open(cfg)
	if err != nil {
		panic("logging: the default configuration is not valid: " + err.Error())
	}
	return l
}
