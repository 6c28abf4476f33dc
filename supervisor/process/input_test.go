package process

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// big is more than a pipe holds.
func big() []byte { return bytes.Repeat([]byte("0123456789abcdef"), 1<<16) }

func TestInputArrivesWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		input []byte
		mode  fs.FileMode
	}{
		"none":  {nil, fs.ModeDevice | fs.ModeCharDevice},
		"empty": {[]byte{}, fs.ModeNamedPipe},
		"short": {[]byte("[DEFAULT]\n"), fs.ModeNamedPipe},
		"big":   {big(), fs.ModeNamedPipe},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "reader")
			err := s.open(1, func(p *Spec, _ *otp.ChildSpec) { p.Input = c.input })
			want := fmt.Sprintf("stdin %s of %d bytes, %x", c.mode, len(c.input), sha256.Sum256(c.input))
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
			s.balance()
		})
	}
}

// A process that does not read keeps nobody: what would write to it ends when the process does, which is before the ledger
// hears of the end.
func TestInputThatNobodyReads(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(2, func(p *Spec, _ *otp.ChildSpec) { p.Input = big() })
	pid := s.pid("top/1")
	ask(t, s.url+"/self", &report{})
	if _, err := s.replace("top/2"); err != nil {
		t.Error(err)
	}
	kill(t, pid, syscall.SIGKILL)
	s.pid("top/1", pid)
	s.close()
}

// The same when somebody else still holds the other end of the pipe.
func TestInputThatIsBequeathed(t *testing.T) {
	t.Parallel()
	s := newStage(t, "bequeath")
	err := s.open(1, func(p *Spec, _ *otp.ChildSpec) { p.Input = big() })
	match := regexp.MustCompile(`heir (\d+)$`).FindStringSubmatch(fmt.Sprint(err))
	if match == nil {
		t.Fatalf("got %v", err)
	}
	heir, err := strconv.Atoi(match[1])
	if err != nil {
		t.Fatal(err)
	}
	if !alive(heir) {
		t.Error("the heir has gone; this test shows nothing")
	}
	kill(t, heir, syscall.SIGKILL)
	s.balance()
}

// ps and top take the title from here.
func TestTitleMayHaveBlanks(t *testing.T) {
	t.Parallel()
	s := newStage(t, "web")
	s.mustOpen(1, func(p *Spec, _ *otp.ChildSpec) { p.Title = "neutron-server: api worker" })
	got, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.pid("top/1")))
	if want := "neutron-server: api worker\x00--config-file\x00x\x00"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
