package quota_test

import (
	"context"
	"strings"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
)

const (
	ofConfiguration = `"network":2,"subnet":0,"subnetpool":-1,"port":-1,"router":10,"floatingip":50,"rbac_policy":1,"security_group":10,"security_group_rule":4,"trunk":-1`
	changed         = `"network":2,"subnet":0,"subnetpool":-1,"port":7,"router":10,"floatingip":50,"rbac_policy":1,"security_group":10,"security_group_rule":4,"trunk":0`
	forbidden       = "PolicyNotAuthorized: rule:"
)

// TestURLs is a conversation: each request sees what those before it have done.
func TestURLs(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	nobody := &neutron.Context{}
	for i, c := range []struct{ got, want string }{
		{w.ask(w.List, admin, nil), `{"quotas":[]}`},
		{w.ask(w.Show, admin, nil, "p"), `{"quota":{` + ofConfiguration + `}}`},
		{w.ask(w.Update, admin, limits("port", 7, "trunk", 0), "p"), `{"quota":{` + changed + `}}`},
		{w.ask(w.Update, admin, limits("trunk", 0), "p"), `{"quota":{` + changed + `}}`},
		{w.ask(w.Update, admin, limits(), "p"), `{"quota":{` + changed + `}}`},
		{w.ask(w.Show, member, nil, "p"), `{"quota":{` + changed + `}}`},
		{w.ask(w.Default, member, nil, "p"), `{"quota":{` + ofConfiguration + `}}`},
		{w.ask(w.Update, admin, limits("network", 2), "a"), `{"quota":{` + ofConfiguration + `}}`},
		{w.ask(w.List, admin, nil), `{"quotas":[{` + ofConfiguration + `,"project_id":"a","tenant_id":"a"},{` + changed + `,"project_id":"p","tenant_id":"p"}]}`},
		{w.ask(w.Tenant, member, nil), `{"tenant":{"tenant_id":"p"}}`},
		{w.ask(w.Project, member, nil), `{"project":{"project_id":"p"}}`},
		{w.ask(w.Project, nobody, nil), "QuotaMissingTenant: Tenant-id was missing from quota request."},
		{w.ask(w.Create, admin, limits("port", 1)), "HTTPNotImplemented: POST requests are not supported on this resource."},
		{w.ask(w.List, member, nil), forbidden + "get_quota is disallowed by policy"},
		{w.ask(w.Show, member, nil, "a"), forbidden + "get_quota is disallowed by policy"},
		{w.ask(w.Default, member, nil, "a"), forbidden + "get_quota is disallowed by policy"},
		{w.ask(w.Details, member, nil, "a"), "AdminRequired: User does not have admin privileges: Only admin is authorized to access quotas for another project."},
		{w.ask(w.Update, member, limits("port", 1), "p"), forbidden + "update_quota is disallowed by policy"},
		{w.ask(w.Delete, member, nil, "p"), forbidden + "delete_quota is disallowed by policy"},
		{w.ask(w.Delete, admin, limits(), "p"), "HTTPBadRequest: Request body is not supported in DELETE."},
		{w.ask(w.Delete, admin, nil, "p"), ""},
		{w.ask(w.Delete, admin, nil, "p"), "TenantQuotaNotFound: Quota for project p could not be found."},
		{w.ask(w.Show, admin, nil, "p"), `{"quota":{` + ofConfiguration + `}}`},
	} {
		if c.got != c.want {
			t.Errorf("%d: got %s, want %s", i, c.got, c.want)
		}
	}
}

func TestALimitBelowWhatIsThereNeedsForce(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	if err := w.networks("p", "p"); err != nil {
		t.Fatal(err)
	}
	const refused = "HTTPBadRequest: Quota limit 1 for network must be greater than or equal to already used 2"
	for i, c := range []struct {
		body map[string]any
		want string
	}{
		{limits("network", 1), refused},
		{limits("network", 1, "port", 3), refused},
		{limits("network", 1, "force", false), refused},
		{limits("network", 1, "force", "true"), refused},
		{limits("network", 1, "check_limit", true), refused},
		{limits("network", 2, "check_limit", "?"), `{"quota":{"network":2,`},
		{limits("network", -1), `{"quota":{"network":-1,`},
		{limits("network", 1, "force", true, "check_limit", true), `{"quota":{"network":1,`},
	} {
		if got := w.ask(w.Update, admin, c.body, "p"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%d: got %s, want %s", i, got, c.want)
		}
	}
	if got := w.ask(w.Show, admin, nil, "p"); !strings.Contains(got, `"port":-1`) {
		t.Errorf("a request that was refused has changed something: %s", got)
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	for want, body := range map[string]any{
		"Resource body required":                 nil,
		"Body contains invalid data":             []any{},
		"Unable to find 'quota' in request body": map[string]any{"quotas": 1},
		"Object 'quota' contains invalid data":   map[string]any{"quota": nil},
	} {
		if got := w.ask(w.Update, admin, body, "p"); got != "HTTPBadRequest: "+want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	long := strings.Repeat("ö", 256)
	want := "HTTPBadRequest: Invalid input for project_id. Reason: '" + long + "' exceeds maximum length of 255."
	if got := w.ask(w.Update, admin, limits("port", 1), long); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := w.ask(w.Update, admin, limits("port", 1), long[2:]); got[0] != '{' {
		t.Errorf("a name of 255 letters: %s", got)
	}
}

// TestLimitsOfOtherPluginsAreShown as Neutron does, behind everything else.
func TestLimitsOfOtherPluginsAreShown(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	w.exec(`INSERT INTO quotas (id, project_id, resource, "limit") VALUES ('1', 'p', 'vpnservice', 3), ('2', 'p', 'port', 4)`)
	if got := w.ask(w.Show, admin, nil, "p"); !strings.HasSuffix(got, `"port":4,"router":10,"floatingip":50,"rbac_policy":1,"security_group":10,"security_group_rule":4,"trunk":-1,"vpnservice":3}}`) {
		t.Errorf("got %s", got)
	}
	if got := w.ask(w.List, admin, nil); !strings.HasSuffix(got, `"trunk":-1,"project_id":"p","tenant_id":"p","vpnservice":3}]}`) {
		t.Errorf("got %s", got)
	}
}

// TestWithoutLimitsThereIsNothingToTell is about the driver that knows none.
func TestWithoutLimitsThereIsNothingToTell(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNull)
	w.exec(`INSERT INTO quotas (id, project_id, resource, "limit") VALUES ('1', 'p', 'port', 4)`)
	for i, c := range []struct{ got, want string }{
		{w.ask(w.List, admin, nil), `{"quotas":[]}`},
		{w.ask(w.Show, admin, nil, "p"), `{"quota":{}}`},
		{w.ask(w.Default, admin, nil, "p"), `{"quota":{}}`},
		{w.ask(w.Update, admin, limits("port", 7), "p"), `{"quota":{}}`},
		{w.ask(w.Delete, admin, nil, "p"), ``},
		{w.ask(w.Delete, admin, nil, "p"), ``},
	} {
		if c.got != c.want {
			t.Errorf("%d: got %s, want %s", i, c.got, c.want)
		}
	}
	if rows := w.texts(`SELECT "limit" FROM quotas`); len(rows) != 1 || rows[0] != "4" {
		t.Errorf("the table has %v", rows)
	}
}

// TestThePolicyIsAsked instead of who is an administrator.
func TestThePolicyIsAsked(t *testing.T) {
	t.Parallel()
	w := open(t, quota.DriverNoLock)
	var asked []string
	e, err := quota.New(quota.Options{DB: w.db, Driver: quota.DriverNoLock,
		Check: func(in neutron.Attrs) (neutron.Attrs, error) { return in, nil },
		Authorize: func(_ context.Context, rc *neutron.Context, rule, project string) error {
			asked = append(asked, rc.ProjectID+":"+rule+":"+project)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	w.ask(e.List, member, nil)
	w.ask(e.Show, member, nil, "p")
	w.ask(e.Show, member, nil, "q")
	w.ask(e.Update, member, limits("port", 1), "q")
	w.ask(e.Delete, member, nil, "q")
	if got, want := strings.Join(asked, " "), "p:get_quota:p p:get_quota:q p:update_quota:q p:delete_quota:q"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnknownDriversAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := quota.New(quota.Options{Driver: "my.Driver"}); err == nil || !strings.Contains(err.Error(), `"my.Driver"`) {
		t.Errorf("got %v", err)
	}
	if _, err := quota.New(quota.Options{Driver: quota.DriverNull}); err == nil {
		t.Error("an engine without a database was made")
	}
}
