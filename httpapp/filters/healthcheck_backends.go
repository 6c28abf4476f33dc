package filters

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// HealthcheckResult is what one check of the healthcheck has found.
type HealthcheckResult struct {
	Available bool
	Reason    string
	Details   string
}

// HealthcheckBackend makes one check, for the port at which it was asked.
type HealthcheckBackend func(port int) HealthcheckResult

// HealthcheckFiles are the files that the backends look for: touching one is how an operator drains a server behind a load
// balancer.
type HealthcheckFiles struct {
	// Disable is disable_by_file_path, DisablePorts is disable_by_file_paths (port:path), Enable is enable_by_file_paths.
	Disable      string
	DisablePorts []string
	Enable       []string
}

// HealthcheckBackends makes the checks that the backends option names.
func HealthcheckBackends(names []string, files HealthcheckFiles) ([]HealthcheckBackend, error) {
	if slices.Contains(names, "disable_by_file") && slices.Contains(names, "enable_by_files") {
		return nil, fmt.Errorf("healthcheck backends disable_by_file and enable_by_files exclude each other")
	}
	var all []HealthcheckBackend
	for _, name := range names {
		switch name {
		case "":
		case "disable_by_file":
			all = append(all, disableByFile(files.Disable))
		case "disable_by_files_ports":
			paths, err := pathsByPort(files.DisablePorts)
			if err != nil {
				return nil, err
			}
			all = append(all, disableByFilesPorts(paths))
		case "enable_by_files":
			all = append(all, enableByFiles(files.Enable))
		default:
			return nil, fmt.Errorf("healthcheck backend %q is not built in (known: disable_by_file, disable_by_files_ports, enable_by_files)", name)
		}
	}
	return all, nil
}

func disableByFile(path string) HealthcheckBackend {
	return func(int) HealthcheckResult {
		switch {
		case path == "":
			return HealthcheckResult{Available: true, Reason: "OK", Details: "No 'disable_by_file_path' configuration value specified"}
		case exists(path):
			return HealthcheckResult{Reason: "DISABLED BY FILE", Details: "Path '" + path + "' was found"}
		}
		return HealthcheckResult{Available: true, Reason: "OK", Details: "Path '" + path + "' was not found"}
	}
}

func disableByFilesPorts(paths map[int]string) HealthcheckBackend {
	return func(port int) HealthcheckResult {
		if path := paths[port]; path != "" && exists(path) {
			return HealthcheckResult{Reason: "DISABLED BY FILE"}
		}
		return HealthcheckResult{Available: true, Reason: "OK"}
	}
}

func pathsByPort(items []string) (map[int]string, error) {
	paths := map[int]string{}
	for _, item := range items {
		port, path, _ := strings.Cut(item, ":")
		n, err := strconv.ParseUint(strings.TrimSpace(port), 10, 16)
		if err != nil || path == "" {
			return nil, fmt.Errorf("disable_by_file_paths: %q is not of the form port:path", item)
		}
		paths[int(n)] = path
	}
	return paths, nil
}

func enableByFiles(paths []string) HealthcheckBackend {
	return func(int) HealthcheckResult {
		for _, path := range paths {
			if !exists(path) {
				return HealthcheckResult{Reason: "FILE PATH MISSING", Details: "File path " + path + " is missing"}
			}
		}
		return HealthcheckResult{Available: true, Reason: "OK", Details: "Specified file paths are available"}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
