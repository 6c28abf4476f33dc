package conf

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// fact is what Neutron itself says of one option.
type fact struct {
	Name
	spelling, kind, min, max, choices, value, flags, source string
	deprecated                                              []Name
}

func readFacts(t *testing.T) []fact {
	t.Helper()
	data, err := os.ReadFile("testdata/options.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var facts []fact
	for line := range strings.Lines(string(data)) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || c[0] == "group" {
			continue
		}
		f := fact{Name{c[0], strings.ReplaceAll(c[1], "-", "_")}, c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[9], nil}
		for _, old := range strings.Fields(c[8]) {
			group, key, _ := strings.Cut(old, "/")
			f.deprecated = append(f.deprecated, Name{group, key})
		}
		facts = append(facts, f)
	}
	return facts
}

// kindOf names a type in the words of the facts.
func kindOf(o *Option) string {
	if o.Multi {
		return "multi"
	}
	switch t := o.Type.(type) {
	case Text:
		return "string"
	case ZonePrefix:
		return "integer"
	case List:
		if t.Item != nil {
			return "list of " + strings.ToLower(reflect.TypeOf(t.Item).Name())
		}
	}
	return strings.ToLower(reflect.TypeOf(o.Type).Name())
}

const (
	byLoader = "the loader has it"
	byHadron = "hadron's own"
	byOlder  = "an option of libraries of older releases, of which there are no facts"
	byStrict = "a value below it makes no sense"
)

// differences are where the table departs from the facts, by option and by what differs. Options that the facts do not have
// are among them.
var differences = map[string]string{
	"DEFAULT.config_dir switch":                        byLoader,
	"DEFAULT.config_file switch":                       byLoader,
	"DEFAULT.config_file type":                         "every file that was named",
	"DEFAULT.config_file default":                      byLoader,
	"DEFAULT.executor_thread_pool_size minimum":        byStrict,
	"oslo_reports.file_event_handler_interval minimum": byStrict,
	"DEFAULT.web_framework default":                    "pecan is what Neutron serves since",

	"DEFAULT.check": byHadron, "DEFAULT.upgrade": byHadron, "DEFAULT.sample_config": byHadron,
	"hadron.admin_socket": byHadron, "hadron.admin_bind": byHadron,
	"hadron.worker_isolation": byHadron, "hadron.bind_socket": byHadron, "hadron.bind_socket_mode": byHadron,

	"DEFAULT.verbose": byOlder, "DEFAULT.rpc_backend": byOlder, "DEFAULT.rpc_cast_timeout": byOlder,
	"DEFAULT.use_syslog_rfc_format": byOlder, "database.min_pool_size": byOlder, "database.sqlite_db": byOlder,
	"database.use_tpool": byOlder, "oslo_middleware.secure_proxy_ssl_header": byOlder, "keystone_authtoken.admin_token": byOlder,
	"keystone_authtoken.admin_user": byOlder, "keystone_authtoken.admin_password": byOlder,
	"keystone_authtoken.admin_tenant_name": byOlder, "keystone_authtoken.auth_admin_prefix": byOlder,
	"keystone_authtoken.auth_host": byOlder, "keystone_authtoken.auth_port": byOlder,
	"keystone_authtoken.auth_protocol": byOlder, "keystone_authtoken.identity_uri": byOlder,
	"keystone_authtoken.check_revocations_for_cached": byOlder, "keystone_authtoken.revocation_cache_time": byOlder,
	"keystone_authtoken.hash_algorithms": byOlder, "keystone_authtoken.signing_dir": byOlder,
	"oslo_messaging_rabbit.rabbit_host": byOlder, "oslo_messaging_rabbit.rabbit_port": byOlder,
	"oslo_messaging_rabbit.rabbit_hosts": byOlder, "oslo_messaging_rabbit.rabbit_userid": byOlder,
	"oslo_messaging_rabbit.rabbit_password": byOlder, "oslo_messaging_rabbit.rabbit_virtual_host": byOlder,
	"oslo_messaging_rabbit.rabbit_max_retries": byOlder,

	"oslo_messaging_kafka.ssl_client_key_password secret": "a password",

	"designate.auth_section": "the other services have it",
}

// comparison collects which excuses were needed.
type comparison struct {
	*testing.T
	needed map[string]bool
}

func (c comparison) differs(key, got, want string) {
	c.Helper()
	c.needed[key] = true
	if differences[key] == "" {
		c.Errorf("%s: got %q, Neutron has %q", key, got, want)
	}
}

func (c comparison) option(o *Option, f fact) {
	least, most, choices := o.bounds()
	for _, aspect := range []struct{ what, got, want string }{
		{"type", kindOf(o), f.kind}, {"minimum", least, f.min}, {"maximum", most, f.max}, {"choices", strings.Join(choices, "|"), f.choices},
		{"default", o.defaultText(), f.value}, {"secret", fmt.Sprint(o.Secret), f.flag("secret")},
		{"spelling", o.Name, f.spelled()}, {"switch", fmt.Sprint(o.Flags != nil), f.flag("cli")},
	} {
		switch {
		case aspect.got == aspect.want, aspect.want == "<dynamic>", aspect.want == "unknown", aspect.what == "default" && o.ByMachine:
		default:
			c.differs(f.String()+" "+aspect.what, aspect.got, aspect.want)
		}
	}
	if o.Obsolete && f.flag("obsolete") == "false" {
		c.Errorf("%s is obsolete, Neutron keeps it", f)
	}
	if forGood := o.Why != "" && !o.Why.Pending(); forGood && !o.Obsolete && f.flag("obsolete") == "true" {
		c.Errorf("%s is not obsolete, in Neutron it is", f)
	}
	for _, old := range f.deprecated {
		if by := declared().former[old]; by != o && declared().byName[old] == nil {
			c.Errorf("%s: former name %s is missing", f, old)
		}
	}
}

// spelled is unknown where the name was taken from a file, which has underscores only.
func (f fact) spelled() string {
	if strings.HasPrefix(f.source, "file") {
		return "unknown"
	}
	return f.spelling
}

// flag is unknown where Neutron's files do not tell.
func (f fact) flag(name string) string {
	has := slices.Contains(strings.Fields(f.flags), name)
	if has || strings.HasPrefix(f.source, "28") {
		return fmt.Sprint(has)
	}
	return "unknown"
}

func TestOptionTableAgreesWithNeutron(t *testing.T) {
	t.Parallel()
	c := comparison{t, map[string]bool{}}
	known := map[Name]bool{}
	for _, f := range readFacts(t) {
		known[f.Name] = true
		if o, ok := declared().byName[f.Name]; ok {
			c.option(o, f)
		} else if _, renamed := declared().former[f.Name]; !renamed {
			t.Errorf("%s is missing", f)
		}
	}
	for _, o := range Options() {
		if !known[o.Place()] {
			c.differs(o.Place().String(), "an option", "none")
		}
	}
	for key := range differences {
		if !c.needed[key] {
			t.Errorf("%s is excused, and does not differ", key)
		}
	}
	if len(known) < 770 {
		t.Errorf("facts of %d options only", len(known))
	}
}
