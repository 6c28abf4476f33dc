package process

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func TestNotify(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n := Notifier{Socket: socket}
	for _, c := range []struct {
		send func() error
		want string
	}{
		{func() error { return n.Ready("serving") }, "READY=1\nSTATUS=serving"},
		{n.Reloading, "RELOADING=1\nMONOTONIC_USEC="},
		{n.Stopping, "STOPPING=1"},
		{func() error { return n.Status("draining") }, "STATUS=draining"},
		{n.Watchdog, "WATCHDOG=1"},
		{func() error { return n.MainPID(17) }, "MAINPID=17"},
	} {
		if err := c.send(); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 200)
		size, err := l.Read(buf)
		if got := string(buf[:size]); err != nil || !strings.HasPrefix(got, c.want) {
			t.Errorf("got %q (%v), want %q", got, err, c.want)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	if err := (Notifier{}).Ready(""); err != nil {
		t.Errorf("got %v without a socket", err)
	}
	if err := (Notifier{Socket: filepath.Join(t.TempDir(), "gone")}).Stopping(); err == nil {
		t.Error("a socket that is not there was written to")
	}
}
