package wire

import (
	"strings"
	"testing"
)

// TestEveryByteIsLookedAt: a text with one unusual byte, wherever it stands, is no plain one up to there, and every usual one is.
func TestEveryByteIsLookedAt(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		usual := c >= ' ' && c < 0x7f && c != '"' && c != '\\'
		for at := range 24 {
			s := strings.Repeat("a", at) + string([]byte{byte(c)}) + strings.Repeat("~", 23-at)
			want := 24
			if !usual {
				want = at / 8 * 8
			}
			if got := plain(s); got != want {
				t.Errorf("%q: got %d plain bytes, want %d", s, got, want)
			}
		}
	}
	if got := plain("1234567"); got != 0 {
		t.Errorf("got %d, want 0", got)
	}
}
