package http1

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a client that has said all it has to say, and gives it out in steps.
type memory struct {
	in      []byte
	steps   []int // where a read ends; behind the last of them it goes to the end
	at      int
	out     bytes.Buffer
	limits  Limits
	leaving bool
}

func (m *memory) Read(p []byte, _ Purpose) (int, error) {
	for len(m.steps) > 0 && m.steps[0] <= m.at {
		m.steps = m.steps[1:]
	}
	end := len(m.in)
	if len(m.steps) > 0 {
		end = min(end, m.steps[0])
	}
	if m.at == end {
		return 0, io.EOF
	}
	n := copy(p, m.in[m.at:end])
	m.at += n
	return n, nil
}

func (m *memory) Write(p []byte) (int, error) { return m.out.Write(p) }
func (m *memory) Interrupt()                  {}
func (m *memory) Resume()                     {}
func (m *memory) Begin() *Limits              { return &m.limits }
func (m *memory) Serving()                    {}
func (m *memory) Served(int)                  {}
func (m *memory) Leaving() bool               { return m.leaving }

// nowhere is where a client in memory is.
type nowhere struct{ net.Conn }

func (nowhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 1234} }
func (nowhere) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 9696} }

func newMemory(text string, steps ...int) *memory {
	return &memory{in: []byte(text), steps: steps, limits: DefaultLimits()}
}

// serve has the handler answer all of it.
func (m *memory) serve(h http.HandlerFunc) (answers string, end Ending) {
	config := &Config{Handler: h, Kept: NewBudget(64 << 20)}
	end = New(context.Background(), config, m, nowhere{}, nil).Serve()
	return m.out.String(), end
}

// every is the steps of one who sends byte by byte.
func every(text string) []int {
	steps := make([]int, len(text))
	for i := range steps {
		steps[i] = i + 1
	}
	return steps
}

// statuses are those of the answers.
func statuses(answers string) (all []string) {
	for _, found := range statusLine.FindAllStringSubmatch(answers, -1) {
		all = append(all, found[1])
	}
	return all
}

var statusLine = regexp.MustCompile(`HTTP/1\.[01] ([0-9]{3}) `)
