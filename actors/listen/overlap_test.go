package listen

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAnOverlapWithOneselfIsRefusedAtOnce: with an hour to try, the error comes without a second try, because the table would wait for
// itself. What is bound stays.
func TestAnOverlapWithOneselfIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ have, want string }{
		"all to one":             {"0.0.0.0", "127.0.0.1"},
		"one to all":             {"127.0.0.1", "0.0.0.0"},
		"one to both families":   {"127.0.0.1", ""},
		"both families to one":   {"", "127.0.0.1"},
		"both families to one 6": {"", "::1"},
		"all 6 to one 6":         {"::", "::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if (test.have == "" || strings.Contains(test.have+test.want, ":")) && !supportsIPv6() {
				t.Skip("no IPv6")
			}
			table := NewTable()
			defer table.Close()
			s, err := table.Bind(t.Context(), Address{Host: test.have})
			if err != nil {
				t.Fatal(err)
			}
			port := s.Addr().(*net.TCPAddr).Port
			_, err = table.Bind(t.Context(), Address{Host: test.want, Port: port, RetryWindow: time.Hour})
			if !errors.Is(err, errOverlap) || !strings.HasPrefix(err.Error(), "Unable to listen on "+test.want+":") ||
				!strings.Contains(err.Error(), s.Addr().String()) {
				t.Errorf("got %v", err)
			}
			c, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatalf("the former socket: %v", err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSomebodyElsesPortIsNoOverlap: it is waited for, also where the table has the port at another address, or for the other family.
func TestSomebodyElsesPortIsNoOverlap(t *testing.T) {
	t.Parallel()
	table := NewTable()
	defer table.Close()
	s, err := table.Bind(t.Context(), Address{Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	port := s.Addr().(*net.TCPAddr).Port
	other, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: port})
	if err != nil {
		t.Skipf("somebody has the port: %v", err)
	}
	defer other.Close()
	_, err = table.Bind(t.Context(), Address{Host: "127.0.0.2", Port: port})
	if err == nil || errors.Is(err, errOverlap) || !strings.Contains(err.Error(), "after trying for 0 seconds") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = table.Bind(ctx, Address{Host: "127.0.0.2", Port: port, RetryWindow: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
