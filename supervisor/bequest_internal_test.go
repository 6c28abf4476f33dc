package supervisor

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/seed-a8f20362/hadron/supervisor/process"
)

// TestTheAdminSocketIsOpenedAgain: an admin socket of the predecessor's that the configuration had no use for is closed when the
// observer starts once more.
func TestTheAdminSocketIsOpenedAgain(t *testing.T) {
	t.Parallel()
	former, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "a"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer former.Close()
	file, err := former.File()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{options: Options{bequeathed: []process.Socket{{Name: adminSockets + "0", File: file}}}}
	s.options.closeFiles()
	l, err := s.listenAdmin(t.Context(), filepath.Join(t.TempDir(), "b"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
