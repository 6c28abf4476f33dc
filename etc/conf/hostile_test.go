package conf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// hostileReferences is a file in which every option refers twice to the next one: 2^n insertions, did nobody count them.
func hostileReferences(chain int) string {
	var names []Name
	for _, o := range declared().options {
		if typ, ok := o.Type.(Text); ok && typ.Choices == nil && typ.MaxLength == 0 && typ.Regex == nil && o.Flags == nil && !o.Multi &&
			o.Only == nil && o.Group == "DEFAULT" {
			names = append(names, o.Place())
		}
	}
	names = names[:min(chain, len(names))]
	var out strings.Builder
	out.WriteString("[DEFAULT]\nlog_file = $" + names[0].Key + "\n")
	for i, n := range names[:len(names)-1] {
		fmt.Fprintf(&out, "%s = $%[2]s$%[2]s\n", n.Key, names[i+1].Key)
	}
	fmt.Fprintf(&out, "%s = x\n", names[len(names)-1].Key)
	return out.String()
}

// Each of these costs minutes or gigabytes when the work grows with the square of the size, or faster.
func TestHostileFilesEndInTime(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"many references", hostileReferences(60), "template substitution error: references bring in more than"},
		{"a value of many lines", "[DEFAULT]\nbind_port =\n" + strings.Repeat(" x\n", 1<<19), "invalid literal for int()"},
		{"many items that are refused", "[DEFAULT]\ncode = 1" + strings.Repeat(",1", 1<<19), ""},
		{"many unknown options", "[DEFAULT]\n" + manyLines("bind_prt%d = 1\n", 1<<16) + "bind_port = x\n", "invalid literal for int()"},
		{"many unknown sections", manyLines("[sec%d]\nx = 1\n", 1<<16) + "[DEFAULT]\nbind_port = x\n", "invalid literal for int()"},
		{"many mistakes", strings.Repeat("x\n", 1<<20), "Too many mistakes"},
		{"one long word", "[DEFAULT]\n" + strings.Repeat("y", 1<<20) + " = 1\nbind_port = x\n", "invalid literal for int()"},
		{"many values", "[oslo_policy]\n" + strings.Repeat("policy_dirs = $state_path\n", 1<<18) + "[DEFAULT]\nbind_port = x\n", "invalid literal"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(machine(map[string]string{"/c.conf": tc.text}, "--config-file", "/c.conf"))
			if tc.want == "" {
				return // accepted; it is the time that counts
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %.300v, want %s", err, tc.want)
			}
		})
	}
}

func manyLines(format string, n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, format, i)
	}
	return out.String()
}

func TestItemsThatAreRefusedAreGluedWithinALimit(t *testing.T) {
	t.Parallel()
	for _, typ := range []Type{List{Item: Dict{}}, List{Item: Integer{}}, Dict{}, List{Item: URI{}}} {
		if value, err := typ.Parse(strings.Repeat("x,", 1<<19) + "x"); err == nil {
			t.Errorf("%v accepts %d items", typ, len(fmt.Sprint(value)))
		}
	}
}

func TestFileWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "big.conf")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := readFileUpTo(10)(path); err != nil || len(data) != 10 {
		t.Errorf("a file of the limit: %d bytes, %v", len(data), err)
	}
	if _, err := readFileUpTo(9)(path); !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %v, want %v", err, syscall.EFBIG)
	}
	src, err := System("neutron-server", "0", []string{"--config-file", "/dev/zero"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(src); err == nil || err.Error() != "[Errno 27] File too large: '/dev/zero'" {
		t.Errorf("got %v", err)
	}
}
