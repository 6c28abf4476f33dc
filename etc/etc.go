// Package etc holds what lives in /etc/neutron, as the defaults that the program carries with it.
//
// It owns the folder neutron, and nothing else; package conf reads the configuration, package paste the pipelines. It
// never touches the file system of the machine.
package etc

import (
	"embed"
	"io/fs"
)

//go:embed neutron
var embedded embed.FS

// Files returns the default configuration folder, as a file system whose root is /etc/neutron.
func Files() fs.FS {
	root, err := fs.Sub(embedded, "neutron")
	if err != nil {
		panic("etc: the name of an embedded folder is a constant: " + err.Error())
	}
	return root
}
