package etc

import (
	"io/fs"
	"testing"
)

func TestFilesAreRootedAtTheFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"neutron.conf", "api-paste.ini"} {
		if data, err := fs.ReadFile(Files(), name); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
}
