package logging

import (
	"bytes"
	"testing"
)

// TestTheFormatsThatMostHaveAreSwift: those of oslo.log are, and what cannot be is not.
func TestTheFormatsThatMostHaveAreSwift(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]bool{
		Defaults().ContextFormat:         true,
		"%(msecs)03i %(user)s %(name)9s": true, // the name is the same in all of them
		"%(user)9s":                      false,
		"%(message).3s":                  false,
		"%(msecs)d":                      false,
		"%(isotime)s":                    false,
		"é %(message)s":                  false,
	} {
		cfg, _ := fixture()
		cfg.ContextFormat, cfg.DefaultFormat = format, Defaults().DefaultFormat
		if got := open(t, cfg).source("n").out.Load().swift; got != want {
			t.Errorf("%q: got %t, want %t", format, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want := c >= ' ' && c <= '~'
		for _, length := range []int{1, 7, 8, 9, 16, 23} {
			for at := range length {
				b := bytes.Repeat([]byte("~ "), length)[:length]
				b[at] = byte(c)
				if got := isPrintable(b); got != want {
					t.Fatalf("%#x at %d of %d: got %t, want %t", c, at, length, got, want)
				}
			}
		}
	}
}
