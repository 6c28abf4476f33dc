package conf_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/seed-a8f20362/hadron/etc/conf"
)

// world is a machine with a configuration, for a recording.
func world() fstest.MapFS {
	return fstest.MapFS{
		"etc/neutron/neutron.conf":            {Data: []byte("[DEFAULT]\nbind_port = 1\n")},
		"etc/neutron/neutron.conf.d/one.conf": {Data: []byte("[DEFAULT]\napi_workers = 3\n")},
		"etc/neutron/api-paste.ini":           {Data: []byte("[composite:neutron]\n")},
	}
}

func TestASnapshotIsMadeOfWhatWasThere(t *testing.T) {
	files := world()
	s, err := conf.Load(conf.FileSystem(files))
	if err != nil {
		t.Fatal(err)
	}
	path, ok := s.FindFile("api-paste.ini")
	if !ok {
		t.Fatal("api-paste.ini is not found")
	}
	if data, err := s.ReadFile(path); err != nil || string(data) != "[composite:neutron]\n" {
		t.Fatalf("%q, %v", data, err)
	}
	files["etc/neutron/api-paste.ini"].Data = []byte("half a fi")
	if data, err := s.ReadFile(path); err != nil || string(data) != "[composite:neutron]\n" {
		t.Errorf("after a change of the file: %q, %v", data, err)
	}
}

func TestARecordingPassesToAnotherProcess(t *testing.T) {
	files := world()
	s, err := conf.Load(conf.FileSystem(files, "--config-dir", "/etc/neutron/neutron.conf.d"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadFile("/etc/neutron/absent"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	data, err := json.Marshal(s.Recording())
	if err != nil {
		t.Fatal(err)
	}
	clear(files)
	var r conf.Recording
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	there, err := conf.Load(r.Source())
	if err != nil {
		t.Fatal(err)
	}
	if there.Int(conf.BindPort) != 1 || there.Int(conf.APIWorkers) != 3 {
		t.Errorf("bind_port %d, api_workers %d", there.Int(conf.BindPort), there.Int(conf.APIWorkers))
	}
	if diff := conf.Diff(s, there); len(diff) != 0 {
		t.Errorf("differs: %v", diff)
	}
	if _, err := there.ReadFile("/etc/neutron/absent"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the missing file: %v", err)
	}
	if _, ok := there.FindFile("api-paste.ini"); ok {
		t.Error("a file that the recording does not know is not asked of this machine") // the test's own world is gone
	}
}

func TestADamagedRecordingIsRefused(t *testing.T) {
	if err := json.Unmarshal([]byte(`{"Prog": 7}`), new(conf.Recording)); err == nil {
		t.Error("no error")
	}
}
