package listen

import (
	"crypto/tls"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReloadReplacesEverything(t *testing.T) {
	t.Parallel()
	ca, clients := newAuthority(t, "ca"), newAuthority(t, "clients")
	o := ca.files(t)
	k := load(t, o)
	a := serveTLS(t, k)
	config := &tls.Config{RootCAs: ca.pool(), ServerName: "neutron.test"}
	open, err := tls.Dial("tcp", a.String(), config)
	check(t, err)
	defer func() { _ = open.Close() }()

	ca.rewrite(t, o, "second", newRSA(t))
	if got := served(t, a, config); got != "first" {
		t.Errorf("served %q before the reload", got)
	}
	check(t, k.Reload())
	if got := served(t, a, config); got != "second" || k.Certificate().Subject.CommonName != "second" {
		t.Errorf("served %q after the reload, and says %v", got, k.Certificate().Subject)
	}

	o.CAFile, o.Version = filepath.Join(t.TempDir(), "ca.pem"), "TLSv1_2"
	write(t, o.CAFile, clients.pem)
	commit, err := k.Prepare(o)
	check(t, err)
	if got := served(t, a, config); got != "second" {
		t.Errorf("served %q before the commit", got)
	}
	commit()
	if _, err := handshake(a, config.Clone()); err == nil {
		t.Error("no client certificate is asked for")
	}
	config.Certificates = clients.client(t, "alice")
	state, err := handshake(a, config)
	check(t, err)
	if state.Version != tls.VersionTLS12 {
		t.Errorf("speaks %s", tls.VersionName(state.Version))
	}

	if _, err := io.WriteString(open, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(open); err != nil || string(got) != "hello\n" {
		t.Errorf("a connection from before the changes: got %q, %v", got, err)
	}
}

func TestReloadIsAllOrNothing(t *testing.T) {
	t.Parallel()
	ca, clients := newAuthority(t, "ca"), newAuthority(t, "clients")
	o := ca.files(t)
	o.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	write(t, o.CAFile, clients.pem)
	k := load(t, o)
	a := serveTLS(t, k)
	config := &tls.Config{RootCAs: ca.pool(), Certificates: clients.client(t, "alice")}
	for _, broken := range []string{o.CertFile, o.KeyFile, o.CAFile} {
		for _, how := range []string{"garbage", "half", "gone"} {
			check(t, os.Rename(broken, broken+".saved"))
			text, err := os.ReadFile(broken + ".saved")
			check(t, err)
			switch how {
			case "garbage":
				write(t, broken, []byte("garbage"))
			case "half":
				write(t, broken, text[:len(text)/2])
			}
			if err := k.Reload(); err == nil || !strings.Contains(err.Error(), broken) {
				t.Errorf("%s %s: got %v", broken, how, err)
			}
			if _, err := k.Prepare(o); err == nil {
				t.Errorf("%s %s: prepared", broken, how)
			}
			if got := served(t, a, config); got != "first" {
				t.Errorf("%s %s: served %q", broken, how, got)
			}
			check(t, os.Rename(broken+".saved", broken))
		}
	}
	check(t, k.Reload())
}

// A session of a client whose authority is no more must not open a door that its certificate does not.
func TestReloadEndsSessionsOfFormerAuthorities(t *testing.T) {
	t.Parallel()
	ca, former, present := newAuthority(t, "ca"), newAuthority(t, "former"), newAuthority(t, "present")
	o := ca.files(t)
	o.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		write(t, o.CAFile, former.pem)
		k := load(t, o)
		a := serveTLS(t, k)
		config := &tls.Config{
			RootCAs: ca.pool(), Certificates: former.client(t, "alice"), MaxVersion: v,
			ClientSessionCache: tls.NewLRUClientSessionCache(1),
		}
		served(t, a, config)
		check(t, k.Reload())
		if state, err := handshake(a, config); err != nil || !state.DidResume {
			t.Errorf("%s: resumed %v, %v behind a reload that changes nothing", tls.VersionName(v), state.DidResume, err)
		}
		write(t, o.CAFile, present.pem)
		check(t, k.Reload())
		if state, err := handshake(a, config); err == nil {
			t.Errorf("%s: the former client is still served, resumed %v", tls.VersionName(v), state.DidResume)
		}
	}
}

func TestReloadUnderLoadFailsNoHandshake(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	o := ca.files(t)
	k := load(t, o)
	a := serveTLS(t, k)
	var handshakes atomic.Int64
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				if _, err := handshake(a, &tls.Config{RootCAs: ca.pool()}); err != nil {
					t.Errorf("handshake: %v", err)
				}
				handshakes.Add(1)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for i := range 150 {
		if i%5 == 4 {
			write(t, o.KeyFile, []byte("broken"))
			if k.Reload() == nil {
				t.Error("a broken key was loaded")
			}
			continue
		}
		ca.rewrite(t, o, fmt.Sprint("number ", i), newECDSA(t))
		check(t, k.Reload())
	}
	await(t, "handshakes behind the last reload", func() bool { return handshakes.Load() > 100 })
	close(stop)
	wg.Wait()
	if got := served(t, a, &tls.Config{RootCAs: ca.pool()}); got != "number 148" {
		t.Errorf("served %q in the end", got)
	}
}

func TestIgnoredCiphersAreNamed(t *testing.T) {
	t.Parallel()
	o := newAuthority(t, "ca").files(t)
	o.Ciphers = "ECDHE+AESGCM:DHE-RSA-AES256-GCM-SHA384:TLS_AES_128_GCM_SHA256:!aNULL"
	got := load(t, o).Ignored()
	if diff := cmp.Diff([]string{"DHE-RSA-AES256-GCM-SHA384", "TLS_AES_128_GCM_SHA256"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestReadFile reads the material from somewhere else than the file system, again at each reload.
func TestReadFile(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "ca")
	onDisk := ca.files(t)
	files := map[string][]byte{"/mem/ca": ca.pem}
	for name, path := range map[string]string{"/mem/cert": onDisk.CertFile, "/mem/key": onDisk.KeyFile} {
		data, err := os.ReadFile(path)
		check(t, err)
		files[name] = data
	}
	o := TLSOptions{CertFile: "/mem/cert", KeyFile: "/mem/key", CAFile: "/mem/ca", ReadFile: func(path string) ([]byte, error) {
		if data, ok := files[path]; ok {
			return data, nil
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}}
	k := load(t, o)
	if got := k.Certificate().Subject.CommonName; got != "first" {
		t.Errorf("loaded %q", got)
	}
	for option, path := range map[string]string{"ca_file": "/mem/ca", "key_file": "/mem/key", "cert_file": "/mem/cert"} {
		data := files[path]
		delete(files, path)
		if err, want := k.Reload(), "Unable to find "+option+" : "+path; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		files[path] = data
	}
	check(t, k.Reload())
}
