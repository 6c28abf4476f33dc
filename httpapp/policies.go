package httpapp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Policies reads the policy files that a configuration names, and says what is odd about them.
func Policies(s *conf.Snapshot) (*policy.Enforcer, []policy.Warning, error) {
	files, err := policyFiles(s)
	if err != nil {
		return nil, nil, err
	}
	e, warnings, err := policy.New(policy.Options{
		Files: files, DefaultRule: s.Text(conf.PolicyDefaultRule),
		NewDefaults: s.Bool(conf.EnforceNewDefaults), EnforceScope: s.Bool(conf.EnforceScope),
		Remote: policy.Remote{
			JSON:    s.Text(conf.PolicyRemoteContentType) == "application/json",
			Timeout: time.Duration(s.Float(conf.PolicyRemoteTimeout) * float64(time.Second)),
			TLS:     func() (*tls.Config, error) { return remotePolicyTLS(s) },
		},
	})
	if _, ok := s.FindFile(s.Text(conf.PolicyFile)); !ok && s.IsSet(conf.PolicyFile) {
		at := s.Origin(conf.PolicyFile)
		warnings = append(warnings, policy.Warning{File: at.File, Line: at.Line,
			Text: fmt.Sprintf("policy_file %s is not there: the default rules are in force", s.Text(conf.PolicyFile))})
	}
	return e, warnings, err
}

// remotePolicyTLS is what https: checks of policies speak TLS with. As with oslo.policy the server's certificate is looked at
// only when remote_ssl_verify_server_crt says so.
func remotePolicyTLS(s *conf.Snapshot) (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: !s.Bool(conf.PolicyRemoteVerify)}
	if ca := s.Text(conf.PolicyRemoteCA); ca != "" && s.Bool(conf.PolicyRemoteVerify) {
		data, err := s.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("%s: remote_ssl_ca_crt_file: %w", s.Origin(conf.PolicyRemoteCA), err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("%s: remote_ssl_ca_crt_file: %s has no certificate", s.Origin(conf.PolicyRemoteCA), ca)
		}
	}
	certificate := s.Text(conf.PolicyRemoteCertificate)
	if certificate == "" {
		return config, nil
	}
	key := cmp.Or(s.Text(conf.PolicyRemoteKey), certificate) // one file may have both
	pair, err := readPair(s, certificate, key)
	if err != nil {
		return nil, fmt.Errorf("%s: remote_ssl_client_crt_file: %w", s.Origin(conf.PolicyRemoteCertificate), err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

func readPair(s *conf.Snapshot, certificate, key string) (tls.Certificate, error) {
	public, err := s.ReadFile(certificate)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, err := s.ReadFile(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(public, private)
}

// PoliciesAnew is a configuration with a fresh look at the policy files that it names.
func PoliciesAnew(s *conf.Snapshot) *conf.Snapshot {
	return s.Anew(append(s.List(conf.PolicyDirs), s.Text(conf.PolicyFile))...)
}

// PolicyText is all that the policy files of a configuration say, with their names.
func PolicyText(s *conf.Snapshot) (string, error) {
	files, err := policyFiles(s)
	var text strings.Builder
	for _, f := range files {
		fmt.Fprintf(&text, "%s %d\n%s\n", f.Path, len(f.Data), f.Data)
	}
	return text.String(), err
}

// loadPolicies is Policies with what is odd in the log.
func loadPolicies(s *conf.Snapshot, o Options) (*policy.Enforcer, error) {
	e, warnings, err := Policies(s)
	for _, w := range warnings {
		log := o.Logger("neutron.policy")
		log.Warn().Msg(w.String())
	}
	return e, err
}

// identify says of a caller what the policy makes of him.
func (b *builder) identify(rc *neutron.Context) error {
	err := b.engine.Policy().Identify(rc)
	if err != nil {
		log := withContext(b.log, rc)
		log.Error().Err(err).Msg("the policy does not say who is an administrator")
	}
	return err
}

// policyFiles are policy_file and then what is in each of policy_dirs, by name. Files and directories that are not there
// are no error: the default rules do without.
func policyFiles(s *conf.Snapshot) ([]policy.File, error) {
	var paths []string
	if path, ok := s.FindFile(s.Text(conf.PolicyFile)); ok {
		paths = append(paths, path)
	}
	for _, name := range s.List(conf.PolicyDirs) {
		dir, ok := s.FindFile(name)
		if !ok {
			continue
		}
		inside, err := s.ListDir(dir)
		if err != nil {
			return nil, fmt.Errorf("%s: policy_dirs: %w", s.Origin(conf.PolicyDirs), err)
		}
		slices.Sort(inside)
		for _, name := range inside {
			if !strings.HasPrefix(name, ".") {
				paths = append(paths, filepath.Join(dir, name))
			}
		}
	}
	return readPolicies(s, paths)
}

func readPolicies(s *conf.Snapshot, paths []string) ([]policy.File, error) {
	var files []policy.File
	var errs []error
	for _, path := range paths {
		data, err := s.ReadFile(path)
		switch {
		case errors.Is(err, syscall.EISDIR): // only files of a directory count
		case err != nil:
			errs = append(errs, fmt.Errorf("%s:1: %w", path, err))
		default:
			files = append(files, policy.File{Path: path, Data: data})
		}
	}
	return files, errors.Join(errs...)
}

// parents tells the policy rules of objects from the database.
type parents struct{ db *store.DB }

// owned is a table whose objects others refer to.
type owned struct {
	sql     string // up to the ids
	missing func(id string) *neutron.Error
}

// ownerTable returns the table of a resource. The package policy asks for no others than these.
func ownerTable(resource string) owned {
	switch resource {
	case "network":
		return owned{`SELECT id, project_id FROM networks WHERE id IN (`, neutron.NetworkNotFound}
	case "security_group":
		return owned{`SELECT id, project_id FROM securitygroups WHERE id IN (`, missing("SecurityGroupNotFound", "Security group %s does not exist")}
	case "floatingip":
		return owned{`SELECT id, project_id FROM floatingips WHERE id IN (`, missing("FloatingIPNotFound", "Floating IP %s could not be found")}
	case "router":
		return owned{`SELECT id, project_id FROM routers WHERE id IN (`, missing("RouterNotFound", "Router %s could not be found")}
	case "local_ip":
		return owned{`SELECT id, project_id FROM local_ips WHERE id IN (`, missing("LocalIPNotFound", "Local IP %s could not be found.")}
	}
	return owned{`SELECT id, project_id FROM qos_policies WHERE id IN (`, missing("QosPolicyNotFound", "QoS policy %s could not be found.")}
}

func missing(typ, text string) func(string) *neutron.Error {
	return func(id string) *neutron.Error { return neutron.NewError(neutron.NotFound, typ, text, id) }
}

// maxIDs bounds how many objects one statement looks up.
const maxIDs = 500

// Owners implements policy.Parents.
func (p parents) Owners(ctx context.Context, resource string, ids []string) ([]policy.Value, error) {
	owners := make([]policy.Value, len(ids))
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	err := p.db.Read(ctx, func(tx *store.Tx) error {
		for some := range slices.Chunk(ids, maxIDs) {
			args := make([]any, len(some))
			for i, id := range some {
				args[i] = id
			}
			text := ownerTable(resource).sql + "?" + strings.Repeat(", ?", len(some)-1) + ")"
			if err := tx.Each(text, args, func(rows *sql.Rows) error { return scanOwner(rows, owners, at) }); err != nil {
				return err
			}
		}
		return nil
	})
	return owners, err
}

func scanOwner(rows *sql.Rows, owners []policy.Value, at map[string]int) error {
	var id string
	var project *string
	if err := rows.Scan(&id, &project); err != nil {
		return err
	}
	owners[at[id]] = policy.ValueOf(nil)
	if project != nil {
		owners[at[id]] = policy.ValueOf(*project)
	}
	return nil
}

// Missing implements policy.Parents.
func (p parents) Missing(resource, id string) error { return ownerTable(resource).missing(id) }

const (
	shares = `EXISTS (SELECT 1 FROM networkrbacs r WHERE r.object_id = n.id AND r.action = 'access_as_shared' AND r.target_project IN ('*', ?))`
	// sharedNetwork says whether a network is shared with a project; no row for one that the project may not see.
	sharedNetwork = `SELECT ` + shares + ` FROM networks n WHERE n.id = ? AND (? = '' OR n.project_id = ?
		OR EXISTS (SELECT 1 FROM networkrbacs r WHERE r.object_id = n.id AND r.target_project IN ('*', ?)))`
)

// SharedNetwork implements policy.Parents.
func (p parents) SharedNetwork(ctx context.Context, id, project string) (bool, error) {
	var shared bool
	err := p.db.Read(ctx, func(tx *store.Tx) error {
		return tx.Get(sharedNetwork, []any{project, id, project, project, project}, &shared)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, neutron.NetworkNotFound(id)
	}
	return shared, err
}
