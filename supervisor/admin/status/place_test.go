package status_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin/status"
)

// configured is one call of the command on a machine with these files.
func configured(t *testing.T, files map[string]string, socket string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	system := fstest.MapFS{}
	for path, text := range files {
		system[path] = &fstest.MapFile{Data: []byte(text)}
	}
	var out, errs strings.Builder
	code = status.Command{
		Args: args, Socket: socket, Stdout: &out, Stderr: &errs,
		Source: func(args []string) (conf.Source, error) { return conf.FileSystem(system, args...), nil },
	}.Run(t.Context())
	return code, out.String(), errs.String()
}

// TestTheSocketIsThatOfTheConfiguration has several ways to say where a server is, of which the strongest counts.
func TestTheSocketIsThatOfTheConfiguration(t *testing.T) {
	t.Parallel()
	path, _ := serve(t, &server{})
	here := "[DEFAULT]\nstate_path = " + filepath.Dir(path) + "\n"
	const elsewhere = "[DEFAULT]\nstate_path = /elsewhere\n"
	for name, test := range map[string]struct {
		files  map[string]string
		socket string
		args   string
	}{
		"default files":         {files: map[string]string{"etc/neutron/neutron.conf": here}, args: "health"},
		"admin_socket":          {files: map[string]string{"etc/neutron/neutron.conf": "[hadron]\nadmin_socket = " + path}, args: "health"},
		"admin_bind":            {files: map[string]string{"etc/neutron/neutron.conf": "[hadron]\nadmin_socket =\nadmin_bind = " + path}, args: "health"},
		"a file":                {files: map[string]string{"etc/neutron/neutron.conf": elsewhere, "a.conf": here}, args: "--config-file /a.conf health"},
		"behind the command":    {files: map[string]string{"a.conf": here}, args: "health --config-file=/a.conf"},
		"the last file":         {files: map[string]string{"a.conf": elsewhere, "b.conf": here}, args: "--config-file /a.conf --config-file /b.conf health"},
		"a folder":              {files: map[string]string{"a.conf": elsewhere, "d/b.conf": here}, args: "--config-file /a.conf --config-dir /d health"},
		"over the environment":  {files: map[string]string{"a.conf": here}, socket: "/elsewhere", args: "--config-file /a.conf health"},
		"the environment":       {files: map[string]string{"etc/neutron/neutron.conf": elsewhere}, socket: path, args: "health"},
		"the command line":      {files: map[string]string{"a.conf": elsewhere}, socket: "/elsewhere", args: "--config-file /a.conf --socket " + path + " health"},
		"without configuration": {args: "--socket " + path + " health"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := configured(t, test.files, test.socket, strings.Fields(test.args)...)
			if code != 0 || stdout != wellText || stderr != "" {
				t.Errorf("exit status %d, %q, %q", code, stdout, stderr)
			}
		})
	}
}

// TestWhoSaysWhereTheSocketIs: where there is no server, the error names the place and who says that it is there.
func TestWhoSaysWhereTheSocketIs(t *testing.T) {
	t.Parallel()
	const unreachable = "neutron-status: admin socket %[1]s: dial unix %[1]s: connect: no such file or directory " +
		"(the address is that of %[2]s; --socket says another one)\n"
	for name, test := range map[string]struct {
		files  map[string]string
		socket string
		args   string
		want   string
	}{
		"a folder without a server": {
			files: map[string]string{"etc/neutron/neutron.conf": "[DEFAULT]\nstate_path = /nowhere"}, args: "health",
			want: fmt.Sprintf(unreachable, "/nowhere/admin.sock", "[hadron] admin_socket of the configuration /etc/neutron/neutron.conf"),
		},
		"two files": {
			files: map[string]string{"a.conf": "", "b.conf": "[hadron]\nadmin_socket = /nowhere/3.sock"},
			args:  "health --config-file /a.conf --config-file /b.conf",
			want:  fmt.Sprintf(unreachable, "/nowhere/3.sock", "[hadron] admin_socket of the configuration /a.conf, /b.conf"),
		},
		"the environment": {
			socket: "/nowhere/s", args: "health", want: fmt.Sprintf(unreachable, "/nowhere/s", "NEUTRON_ADMIN_SOCKET"),
		},
		"no configuration": {
			args: "health",
			want: "neutron-status: the configuration does not tell the admin socket (--socket PATH does): ERROR: Unable to find configuration " +
				"file via the default search paths (~/.neutron/, ~/, /etc/neutron/, /etc/) and the '--config-file' option!\n",
		},
		"a broken one": {
			files: map[string]string{"a.conf": "[DEFAULT]\nnonsense"}, args: "--config-file /a.conf health",
			want: "neutron-status: the configuration does not tell the admin socket (--socket PATH does): Failed to parse /a.conf: " +
				"at /a.conf:2, ",
		},
		"no admin socket": {
			files: map[string]string{"a.conf": "[hadron]\nadmin_socket ="}, args: "--config-file /a.conf health",
			want: "neutron-status: a server with the configuration /a.conf has no admin socket: [hadron] admin_socket and admin_bind are empty\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := configured(t, test.files, test.socket, strings.Fields(test.args)...)
			if code != 255 || stdout != "" || !strings.HasPrefix(stderr, test.want) {
				t.Errorf("exit status %d, stdout %q, stderr\n%q, want\n%q", code, stdout, stderr, test.want)
			}
		})
	}
}
